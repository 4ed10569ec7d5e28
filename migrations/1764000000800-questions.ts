import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Questions of citizens to departments, their messages, routing, clocks and what staff keep beside them. */
export class Questions1764000000800 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Part of every PostgreSQL, and whoever owns the database may ask for it: a number beside words in one GIN index.
      CREATE EXTENSION IF NOT EXISTS btree_gin;

      -- The number of the day's last question (Asia/Shanghai).
      CREATE TABLE question_numbers (
        day date PRIMARY KEY,
        last int NOT NULL
      );

      CREATE TABLE questions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        number text COLLATE "C" NOT NULL UNIQUE,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        -- null: still with the dispatcher
        organisation_id int REFERENCES organisations,
        assignee_id int REFERENCES staff,
        -- open: staff have to act; answered: resolved, the citizen may say whether it helped; closed: nobody has to act any more
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open','answered','closed')),
        -- the first words, masked where they hold identifiers of a person; those sealed whole beside them
        text text NOT NULL,
        text_sealed text,
        publishable boolean NOT NULL DEFAULT false,
        latitude double precision,
        longitude double precision,
        place text,

        asked_at timestamptz NOT NULL,
        dispatched_at timestamptz,
        first_replied_at timestamptz,
        answered_at timestamptz,
        closed_at timestamptz,
        -- of the last message either way
        last_at timestamptz NOT NULL,
        -- of the citizen's first message that nobody has replied to
        waiting_since timestamptz,
        unread int NOT NULL DEFAULT 0,
        images int NOT NULL DEFAULT 0,
        -- one more with every message and change of state: what a composer has seen
        version int NOT NULL DEFAULT 1,
        priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 2),
        snoozed_until timestamptz,

        -- Clocks: null while none runs. cycle counts the starts, so that a reopened question is chased anew.
        grade text NOT NULL DEFAULT 'ordinary' CHECK (grade IN ('simple','ordinary','complex')),
        cycle int NOT NULL DEFAULT 0,
        first_due_at timestamptz,
        due_at timestamptz,
        -- when a clock has to be looked at next
        next_fire_at timestamptz,
        paused_at timestamptz,
        paused_minutes int NOT NULL DEFAULT 0,
        extended_until timestamptz,
        -- What the queues go by: the due time that counts now, and infinity while none does.
        next_due_at timestamptz NOT NULL GENERATED ALWAYS AS (
          CASE WHEN status <> 'open' OR paused_at IS NOT NULL THEN timestamptz 'infinity'
               WHEN first_replied_at IS NULL THEN coalesce(least(first_due_at, due_at), timestamptz 'infinity')
               ELSE coalesce(due_at, timestamptz 'infinity') END) STORED,

        bounced int NOT NULL DEFAULT 0,
        -- a supervisor decides: sent back too often, or the citizen was not satisfied
        escalated_at timestamptz,
        reopened boolean NOT NULL DEFAULT false,
        solved boolean,
        satisfied smallint CHECK (satisfied BETWEEN 1 AND 5),
        rated_at timestamptz,
        merged_into bigint REFERENCES questions,
        search tsvector NOT NULL
      ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

      -- queues: one organisation's, one person's, the dispatcher's (by account), each by what is due first
      CREATE INDEX questions_department ON questions (organisation_id, next_due_at, id) WHERE status = 'open';
      CREATE INDEX questions_unassigned ON questions (organisation_id, next_due_at, id)
        WHERE status = 'open' AND assignee_id IS NULL;
      CREATE INDEX questions_mine ON questions (assignee_id, next_due_at, id) WHERE status = 'open';
      CREATE INDEX questions_dispatch ON questions (account_id, next_due_at, id)
        WHERE status = 'open' AND organisation_id IS NULL;
      CREATE INDEX questions_snoozed ON questions (organisation_id, snoozed_until, id)
        WHERE status = 'open' AND snoozed_until IS NOT NULL;
      -- what is done with, latest first
      CREATE INDEX questions_done ON questions (organisation_id, status, last_at DESC, id DESC) WHERE status <> 'open';
      CREATE INDEX questions_done_undispatched ON questions (account_id, status, last_at DESC, id DESC)
        WHERE status <> 'open' AND organisation_id IS NULL;
      -- of one citizen; and how many of today
      CREATE INDEX questions_of_citizen ON questions (account_id, openid, id DESC);
      -- Words together with the place (the department, or minus the account while there is none), so that a word which is common
      -- elsewhere costs nothing here. Without a list of pending entries, which every search would have to read through.
      CREATE INDEX questions_search ON questions USING gin ((coalesce(organisation_id, -account_id)), search)
        WITH (fastupdate = off);
      -- sweeps: clocks, those to be closed
      CREATE INDEX questions_to_fire ON questions (next_fire_at, id) WHERE next_fire_at IS NOT NULL;
      CREATE INDEX questions_to_close ON questions (last_at, id) WHERE status = 'answered';
      -- the latest in one state: for searches, and for all whose due times the calendar moves
      CREATE INDEX questions_of_status ON questions (status, id);

      CREATE TABLE question_messages (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        question_id bigint NOT NULL REFERENCES questions,
        at timestamptz NOT NULL,
        kind text NOT NULL CHECK (kind IN ('citizen','answer','note','event')),
        staff_id int REFERENCES staff,
        text text NOT NULL,
        text_sealed text,
        -- no reference: a delivery may be dropped before the question is
        delivery_id bigint,
        -- the sender's: the same one again is the same message
        key text COLLATE "C"
      );
      CREATE UNIQUE INDEX question_messages_once ON question_messages (question_id, key) WHERE key IS NOT NULL;
      CREATE INDEX question_messages_of_question ON question_messages (question_id, id);

      CREATE TABLE question_drafts (
        question_id bigint NOT NULL REFERENCES questions,
        staff_id int NOT NULL REFERENCES staff,
        text text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (question_id, staff_id)
      ) WITH (fillfactor = 60);
      -- Which question somebody looks at or types in: one at a time, and worth nothing after a crash. Said again every half minute,
      -- so there is room on the page to write it over.
      CREATE UNLOGGED TABLE question_presence (
        staff_id int PRIMARY KEY,
        question_id bigint NOT NULL,
        doing text NOT NULL CHECK (doing IN ('viewing','typing')),
        at timestamptz NOT NULL
      ) WITH (fillfactor = 50);
      CREATE INDEX question_presence_of_question ON question_presence (question_id);
      CREATE TABLE question_canned (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- for its whole subtree
        organisation_id int NOT NULL REFERENCES organisations,
        title text NOT NULL,
        body text NOT NULL,
        used int NOT NULL DEFAULT 0,
        UNIQUE (organisation_id, title)
      );
      -- Where a question goes by itself; the first that fits, null fits all.
      CREATE TABLE question_rules (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id int REFERENCES accounts,
        word text,
        organisation_id int NOT NULL REFERENCES organisations,
        position int NOT NULL
      );
      CREATE INDEX question_rules_by_position ON question_rules (position, id);
      CREATE INDEX question_rules_of_organisation ON question_rules (organisation_id);
      -- What a clock has done; its key is what makes it happen once.
      CREATE TABLE question_fires (
        question_id bigint NOT NULL REFERENCES questions,
        kind text NOT NULL,
        cycle int NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (question_id, kind, cycle)
      );
      CREATE TABLE staff_duty (
        staff_id int PRIMARY KEY REFERENCES staff,
        on_duty boolean NOT NULL,
        since timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL
      ) WITH (fillfactor = 50);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE staff_duty, question_fires, question_rules, question_canned, question_presence, question_drafts,
                 question_messages, questions, question_numbers;
      DROP EXTENSION btree_gin;
    `);
  }
}
