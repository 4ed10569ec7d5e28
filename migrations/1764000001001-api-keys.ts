import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What back-office programs call us with, and what they were answered. */
export class ApiKeys1764000001001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        id text COLLATE "C" PRIMARY KEY,
        -- of the secret nothing but a keyed hash, which tells whether it is still the one that was shown
        secret_hash text COLLATE "C" NOT NULL,
        organisation_id int NOT NULL REFERENCES organisations,
        -- whose routes it opens, and the one thing there that it is for
        service text COLLATE "C" NOT NULL,
        target text COLLATE "C" NOT NULL,
        title text NOT NULL,
        made_by int NOT NULL REFERENCES staff,
        made_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX api_keys_of_organisation ON api_keys (organisation_id);

      -- The same request again gets the same bytes.
      CREATE TABLE api_answers (
        key_id text COLLATE "C" NOT NULL REFERENCES api_keys,
        idempotency_key text COLLATE "C" NOT NULL,
        request_hash text COLLATE "C" NOT NULL,
        status int,
        answer text,
        at timestamptz NOT NULL,
        PRIMARY KEY (key_id, idempotency_key)
      );
      CREATE INDEX api_answers_to_drop ON api_answers (at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_answers, api_keys');
  }
}
