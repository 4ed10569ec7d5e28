import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where cases live, those that are kept here, who is told of them, and how often somebody has asked. */
export class Cases1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE case_sources (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text COLLATE "C" NOT NULL UNIQUE,
        title text NOT NULL,
        organisation_id int NOT NULL REFERENCES organisations,
        adapter text NOT NULL CHECK (adapter IN ('stored','remote')),
        settings jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL,
        disabled_at timestamptz
      );
      CREATE INDEX case_sources_of_organisation ON case_sources (organisation_id);

      -- Nothing in the clear says whose a case is: who asks brings the document, or the number and a factor.
      CREATE TABLE cases (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source_id int NOT NULL REFERENCES case_sources,
        number text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        person_hash text COLLATE "C",
        -- the last four of the document and the code on the receipt, each hashed together with the number
        tail_hash text COLLATE "C",
        code_hash text COLLATE "C",
        state text COLLATE "C" NOT NULL,
        -- [{ state, at, note }], the oldest first
        steps jsonb NOT NULL,
        opened_at timestamptz NOT NULL,
        moved_at timestamptz NOT NULL,
        due_at timestamptz,
        -- the office has done its part: what is left is the citizen's, or nothing
        done_at timestamptz,
        place text NOT NULL DEFAULT '',
        updated_at timestamptz NOT NULL,
        flagged_at timestamptz
      );
      -- A citizen brings a number and does not know whose it is.
      CREATE UNIQUE INDEX cases_number ON cases (number, source_id);
      CREATE INDEX cases_of_person ON cases (person_hash, moved_at DESC) WHERE person_hash IS NOT NULL;
      CREATE INDEX cases_due ON cases (due_at) WHERE done_at IS NULL AND flagged_at IS NULL;
      CREATE INDEX cases_overdue ON cases (source_id, due_at) WHERE done_at IS NULL AND flagged_at IS NOT NULL;
      CREATE INDEX cases_of_source ON cases (source_id, moved_at DESC, id DESC);

      CREATE TABLE case_follows (
        source_id int NOT NULL REFERENCES case_sources,
        number text COLLATE "C" NOT NULL,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        -- by whose right, where it is not by the number's own factor: it ends when they are unbound
        person_id bigint REFERENCES persons,
        since timestamptz NOT NULL,
        PRIMARY KEY (source_id, number, account_id, openid)
      );
      CREATE INDEX case_follows_of_citizen ON case_follows (account_id, openid);

      -- Counted before anything is looked up: by citizen, by number whether there is such a one or not, and by address.
      CREATE TABLE case_tries (
        day date NOT NULL,
        who text COLLATE "C" NOT NULL,
        tries int NOT NULL,
        PRIMARY KEY (day, who)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE case_tries, case_follows, cases, case_sources');
  }
}
