import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the platform told about an account itself and an admin has to act on, such as a verification that ran out. */
export class AccountNotices1764000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account_notices (
        account_id int NOT NULL REFERENCES accounts,
        kind text NOT NULL,
        message text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (account_id, kind)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE account_notices');
  }
}
