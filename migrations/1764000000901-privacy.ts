import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What citizens, and WeChat for them, have asked to be done with their data, and what was done. */
export class Privacy1764000000901 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE privacy_requests (
        -- nobody can guess it: it is part of the link to a copy
        id text COLLATE "C" PRIMARY KEY,
        account_id int NOT NULL REFERENCES accounts,
        -- null once erased; the record is found again with the keyed hash by who knows the openid
        openid text COLLATE "C",
        citizen_hash text COLLATE "C" NOT NULL,
        -- export: a copy; erase: everything; forget: what came from WeChat alone
        kind text NOT NULL CHECK (kind IN ('export','erase','forget')),
        cause text NOT NULL CHECK (cause IN ('citizen','unsubscribe','revoke','cancellation')),
        asked_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        -- closing: what was under way has been ended, and the news of it is on its way
        status text NOT NULL CHECK (status IN ('waiting','closing','done','withdrawn','failed')),
        attempts smallint NOT NULL DEFAULT 0,
        done_at timestamptz,
        -- what was done, part by part, and what stays until when and why; nothing that identifies a person
        result jsonb NOT NULL DEFAULT '[]',
        file_sealed text,
        expires_at timestamptz
      );
      CREATE UNIQUE INDEX privacy_requests_open ON privacy_requests (account_id, openid, kind)
        WHERE status IN ('waiting','closing');
      CREATE INDEX privacy_requests_due ON privacy_requests (due_at) WHERE status IN ('waiting','closing');
      CREATE INDEX privacy_requests_of_citizen ON privacy_requests (account_id, openid, asked_at DESC);
      CREATE INDEX privacy_requests_files ON privacy_requests (expires_at) WHERE file_sealed IS NOT NULL;
      CREATE INDEX privacy_requests_asked ON privacy_requests (asked_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE privacy_requests');
  }
}
