import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Texts that operators may change, and automatic replies on what citizens say. */
export class Texts1764000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What the project ships, brought in line with templates/ at every start.
      CREATE TABLE texts (
        key text PRIMARY KEY,
        kind text NOT NULL,
        title text NOT NULL,
        variables jsonb NOT NULL,
        body text NOT NULL
      );
      -- What an operator put in place of it; account 0 stands for all accounts.
      CREATE TABLE text_overrides (
        key text NOT NULL,
        account_id int NOT NULL,
        body text NOT NULL,
        updated_at timestamptz NOT NULL,
        updated_by int REFERENCES staff,
        PRIMARY KEY (key, account_id)
      );
      CREATE TABLE auto_replies (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- 0: all accounts
        account_id int NOT NULL,
        match text NOT NULL CHECK (match IN ('word','contains','regex')),
        pattern text NOT NULL CHECK (length(pattern) BETWEEN 1 AND 200),
        text_key text NOT NULL,
        -- goes before an open flow
        urgent boolean NOT NULL,
        position int NOT NULL,
        UNIQUE (account_id, match, pattern)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auto_replies, text_overrides, texts');
  }
}
