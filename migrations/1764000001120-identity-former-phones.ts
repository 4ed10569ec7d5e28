import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The phone that a citizen had registered before another one, or none: for some days it still says who they are. */
export class IdentityFormerPhones1764000001120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE former_phones (
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        phone_sealed text NOT NULL,
        kept_until timestamptz NOT NULL,
        PRIMARY KEY (account_id, openid)
      );
      CREATE INDEX former_phones_kept ON former_phones (kept_until);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE former_phones');
  }
}
