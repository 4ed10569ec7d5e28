import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where offices are. */
export class Nearby1764000001110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE nearby_places (
        key text COLLATE "C" PRIMARY KEY,
        position int NOT NULL,
        district text NOT NULL,
        district_position int NOT NULL,
        -- made up, and said to be
        demo boolean NOT NULL,
        -- as in the file they were read from; coordinates are GCJ-02
        doc jsonb NOT NULL,
        loaded_at timestamptz NOT NULL
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE nearby_places');
  }
}
