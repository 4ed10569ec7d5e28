import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The console's sessions, failed sign-ins, and second factors. */
export class ConsoleSessions1764000000720 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Every session has a row now; a token of the time before, which has none, is void. ended_sessions stays for the processes
      -- that still run the code before this while others are replaced; a later migration drops it.
      CREATE TABLE console_sessions (
        id uuid PRIMARY KEY,
        staff_id int NOT NULL REFERENCES staff,
        created_at timestamptz NOT NULL,
        -- to the minute
        used_at timestamptz NOT NULL,
        address text NOT NULL,
        agent text NOT NULL,
        -- of the refresh token that is good now, and how many there were before it
        refresh_hash text NOT NULL,
        generation int NOT NULL DEFAULT 0,
        rotated_at timestamptz NOT NULL,
        ended_at timestamptz
      );
      CREATE INDEX console_sessions_of_staff ON console_sessions (staff_id, created_at DESC, id DESC) WHERE ended_at IS NULL;
      CREATE INDEX console_sessions_by_age ON console_sessions (created_at);

      -- Recent tries to sign in that have not succeeded. who is a keyed hash, of a username or of an
      -- address: people type passwords into the field for names.
      CREATE TABLE sign_in_tries (
        who text PRIMARY KEY,
        tried_at timestamptz[] NOT NULL,
        locked_until timestamptz,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sign_in_tries_by_expiry ON sign_in_tries (expires_at);

      CREATE TABLE staff_second_factors (
        staff_id int PRIMARY KEY REFERENCES staff,
        secret_sealed text NOT NULL,
        created_at timestamptz NOT NULL,
        -- null while it is being set up
        confirmed_at timestamptz,
        -- the 30 seconds of the code used last: neither it nor an earlier one is taken again
        last_step bigint NOT NULL DEFAULT 0
      );
      CREATE TABLE staff_recovery_codes (
        staff_id int NOT NULL REFERENCES staff,
        hash text NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (staff_id, hash)
      );

      -- What supervisors are shown of sign-ins, without reading through the whole trail.
      CREATE INDEX audit_sign_in_alarms ON audit (id DESC) WHERE action IN ('session.lock', 'session.lock-address', 'session.reuse');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX audit_sign_in_alarms;
      DROP TABLE staff_recovery_codes, staff_second_factors, sign_in_tries, console_sessions;
    `);
  }
}
