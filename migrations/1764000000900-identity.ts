import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Real persons, to whom citizens bind them with consent, and the codes that prove a phone. */
export class Identity1764000000900 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One for each document, whoever has bound it in whichever account: what limits of a person are counted by.
      CREATE TABLE persons (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        document_kind text NOT NULL,
        -- keyed: nobody without the key can walk the numbers
        document_hash text COLLATE "C" NOT NULL UNIQUE,
        document_sealed text NOT NULL,
        created_at timestamptz NOT NULL
      );

      -- Who a citizen acts for. The name is the citizen's word, so it is kept with them and not with the document.
      CREATE TABLE person_bindings (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        person_id bigint NOT NULL REFERENCES persons,
        relation text NOT NULL CHECK (relation IN ('self','parent','child','spouse','other')),
        name_sealed text NOT NULL,
        phone_sealed text NOT NULL,
        phone_hash text COLLATE "C" NOT NULL,
        bound_at timestamptz NOT NULL,
        unbound_at timestamptz
      );
      CREATE UNIQUE INDEX person_bindings_active ON person_bindings (account_id, openid, person_id) WHERE unbound_at IS NULL;
      CREATE UNIQUE INDEX person_bindings_self ON person_bindings (account_id, openid)
        WHERE unbound_at IS NULL AND relation = 'self';
      CREATE INDEX person_bindings_person ON person_bindings (person_id) WHERE unbound_at IS NULL;
      CREATE INDEX person_bindings_phone ON person_bindings (phone_hash) WHERE unbound_at IS NULL;

      -- What was agreed to, word for word: the texts are an operator's to change.
      CREATE TABLE consent_texts (
        version text COLLATE "C" PRIMARY KEY,
        kind text NOT NULL,
        text text NOT NULL,
        first_shown_at timestamptz NOT NULL
      );
      CREATE TABLE consents (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        kind text NOT NULL,
        version text COLLATE "C" NOT NULL REFERENCES consent_texts,
        given_at timestamptz NOT NULL,
        withdrawn_at timestamptz
      );
      CREATE UNIQUE INDEX consents_given ON consents (account_id, openid, kind, version) WHERE withdrawn_at IS NULL;

      CREATE TABLE phone_codes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        phone_hash text COLLATE "C" NOT NULL,
        code_hash text COLLATE "C" NOT NULL,
        sent_at timestamptz NOT NULL,
        tries int NOT NULL DEFAULT 0,
        used_at timestamptz
      );
      CREATE INDEX phone_codes_citizen ON phone_codes (account_id, openid, id DESC);
      CREATE INDEX phone_codes_phone ON phone_codes (phone_hash, sent_at);
      CREATE INDEX phone_codes_sent ON phone_codes (sent_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE phone_codes, consents, consent_texts, person_bindings, persons');
  }
}
