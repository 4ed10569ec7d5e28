import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who waits for an office that did not answer, and which cases of a back end are looked at again for those who follow them. */
export class CasesRest1764000001011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE case_awaited (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        source_id int NOT NULL REFERENCES case_sources,
        -- number and factor hashed, or 'mine'
        question text COLLATE "C" NOT NULL,
        question_sealed text,
        attempts int NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL,
        until timestamptz NOT NULL,
        UNIQUE (account_id, openid, source_id, question)
      );
      CREATE INDEX case_awaited_due ON case_awaited (next_at);

      -- what a back end has to be asked with on behalf of who follows by number
      ALTER TABLE case_follows ADD COLUMN factor_sealed text;
      CREATE TABLE case_watches (
        source_id int NOT NULL REFERENCES case_sources,
        number text COLLATE "C" NOT NULL,
        -- the last step that was seen; none before the first look
        seen_state text,
        seen_at timestamptz,
        failures int NOT NULL DEFAULT 0,
        polled_at timestamptz,
        -- none once the case has ended
        next_at timestamptz,
        PRIMARY KEY (source_id, number)
      );
      CREATE INDEX case_watches_due ON case_watches (next_at) WHERE next_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE case_awaited, case_watches; ALTER TABLE case_follows DROP COLUMN factor_sealed');
  }
}
