import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Guides: matters by office, found by words; common questions. */
export class Guides1764000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What is loaded: 'demo' (openly made up, shipped) or 'import' (a city's own, which demo data never replaces).
      CREATE TABLE guides_catalogue (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        source text NOT NULL CHECK (source IN ('demo','import')),
        -- of the files it came from
        fingerprint text NOT NULL,
        -- of the words by which it was indexed
        lexicon text NOT NULL,
        matters int NOT NULL,
        loaded_at timestamptz NOT NULL
      );
      CREATE TABLE guides_offices (
        key text COLLATE "C" PRIMARY KEY,
        title text NOT NULL,
        organisation text NOT NULL,
        position int NOT NULL,
        matters int NOT NULL
      );
      CREATE TABLE guides_matters (
        key text COLLATE "C" PRIMARY KEY,
        office_key text COLLATE "C" NOT NULL REFERENCES guides_offices,
        position int NOT NULL,
        title text NOT NULL,
        hot int,
        aliases text[] NOT NULL,
        doc jsonb NOT NULL,
        search tsvector NOT NULL
      );
      CREATE INDEX guides_matters_by_office ON guides_matters (office_key, position);
      CREATE INDEX guides_matters_by_position ON guides_matters (position);
      CREATE INDEX guides_matters_hot ON guides_matters (hot) WHERE hot IS NOT NULL;
      CREATE INDEX guides_matters_search ON guides_matters USING gin (search) WITH (fastupdate = off);
      -- In how many matters a word occurs: rare words weigh more, and words of nearly all of them are no way to find one.
      CREATE TABLE guides_words (
        word text COLLATE "C" PRIMARY KEY,
        matters int NOT NULL
      );
      CREATE TABLE guides_faq (
        position int PRIMARY KEY,
        question text NOT NULL,
        answer text NOT NULL,
        matter_key text COLLATE "C" REFERENCES guides_matters
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE guides_faq, guides_words, guides_matters, guides_offices, guides_catalogue');
  }
}
