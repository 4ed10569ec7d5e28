import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Questions with their answers: written and reviewed by staff, found by citizens and by clerks. */
export class Knowledge1764000000850 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What staff work on. The public sees knowledge_published alone.
      CREATE TABLE knowledge_entries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id int NOT NULL REFERENCES organisations,
        -- of the working copy: one that is published may have a draft of its next version beside what is live
        status text NOT NULL CHECK (status IN ('draft','submitted','returned','published','withdrawn')),
        version int NOT NULL DEFAULT 1,
        -- one more with every change: what an editor has seen
        edit int NOT NULL DEFAULT 1,
        question text NOT NULL,
        answer text NOT NULL,
        aliases text[] NOT NULL,
        -- why it may be made public: the citizen agreed, or nothing in it is about one person; null: not decided
        basis text CHECK (basis IN ('agreed','generalised')),
        -- what looked personal, and a person has said that it is not
        cleared text[] NOT NULL DEFAULT '{}',
        -- the question that it was taken from, and whether its citizen agreed
        origin text COLLATE "C",
        agreed boolean NOT NULL DEFAULT false,
        demo boolean NOT NULL DEFAULT false,
        -- who wrote in it since it was last published: none of them may review it
        authors int[] NOT NULL,
        live_version int,
        changed_at timestamptz NOT NULL,
        changed_by int REFERENCES staff,
        search tsvector NOT NULL,
        CHECK (basis IS DISTINCT FROM 'agreed' OR agreed),
        CHECK (live_version IS NULL OR status <> 'withdrawn')
      );
      CREATE INDEX knowledge_entries_by_organisation ON knowledge_entries (organisation_id, status, changed_at DESC, id DESC);
      CREATE INDEX knowledge_entries_by_status ON knowledge_entries (status, changed_at DESC, id DESC);
      CREATE INDEX knowledge_entries_search ON knowledge_entries USING gin (search);
      -- The same question twice is one entry, unless the first was put away.
      CREATE UNIQUE INDEX knowledge_entries_origin ON knowledge_entries (origin) WHERE status <> 'withdrawn';

      -- Each version as it was submitted; never changed but for what became of it.
      CREATE TABLE knowledge_versions (
        entry_id bigint NOT NULL REFERENCES knowledge_entries,
        version int NOT NULL,
        question text NOT NULL,
        answer text NOT NULL,
        aliases text[] NOT NULL,
        basis text NOT NULL,
        cleared text[] NOT NULL,
        -- of all the above: what was approved is this and nothing else
        hash text COLLATE "C" NOT NULL,
        authors int[] NOT NULL,
        submitted_by int REFERENCES staff,
        submitted_at timestamptz NOT NULL,
        -- void: changed before anyone decided
        outcome text CHECK (outcome IN ('approved','returned','void')),
        reviewed_by int REFERENCES staff,
        reviewed_at timestamptz,
        note text NOT NULL DEFAULT '',
        PRIMARY KEY (entry_id, version),
        CONSTRAINT knowledge_versions_other_eyes
          CHECK (reviewed_by IS NULL OR (reviewed_by <> submitted_by AND reviewed_by <> ALL (authors)))
      );

      CREATE TABLE knowledge_published (
        entry_id bigint PRIMARY KEY REFERENCES knowledge_entries,
        version int NOT NULL,
        organisation_id int NOT NULL REFERENCES organisations,
        title text NOT NULL,
        aliases text[] NOT NULL,
        answer text NOT NULL,
        demo boolean NOT NULL,
        published_at timestamptz NOT NULL,
        search tsvector NOT NULL
      );
      CREATE INDEX knowledge_published_search ON knowledge_published USING gin (search) WITH (fastupdate = off);
      CREATE INDEX knowledge_published_by_organisation ON knowledge_published (organisation_id, entry_id DESC);

      -- In how many published entries a word occurs; kept as they come and go.
      CREATE TABLE knowledge_words (
        word text COLLATE "C" PRIMARY KEY,
        entries int NOT NULL CHECK (entries > 0)
      );
      CREATE TABLE knowledge_catalogue (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        entries int NOT NULL,
        -- of the words by which they were indexed
        lexicon text NOT NULL
      );
      INSERT INTO knowledge_catalogue (entries, lexicon) VALUES (0, '');

      -- Whom it has helped, once each.
      CREATE TABLE knowledge_helped (
        entry_id bigint NOT NULL REFERENCES knowledge_entries,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (entry_id, account_id, openid)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE knowledge_helped, knowledge_catalogue, knowledge_words, knowledge_published, knowledge_versions,
                 knowledge_entries;
    `);
  }
}
