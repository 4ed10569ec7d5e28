import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when what a citizen was signed in with holds no more. */
export class CitizenSignOuts1764000001121 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE citizen_sign_outs (
        -- keyed: it outlives the deletion of all that is theirs
        citizen_hash text COLLATE "C" PRIMARY KEY,
        at timestamptz NOT NULL,
        -- signed links that were sent before this open nothing either
        links_at timestamptz
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE citizen_sign_outs');
  }
}
