import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organisations, accounts, staff, the chat (sessions and inbox), settings and the audit trail. */
export class Foundation1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE process_numbers AS int CYCLE;

      CREATE TABLE settings (
        key text PRIMARY KEY,
        value jsonb NOT NULL,
        updated_at timestamptz NOT NULL
      );

      -- One tree. path is the ids from the root, '/1/4/', so that a subtree is a prefix.
      CREATE TABLE organisations (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL UNIQUE,
        parent_id int REFERENCES organisations,
        path text COLLATE "C" NOT NULL UNIQUE,
        kind text NOT NULL CHECK (kind IN ('city','district','street','community','bureau','hospital','department')),
        title text NOT NULL,
        created_at timestamptz NOT NULL
      );

      CREATE TABLE accounts (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL UNIQUE CHECK (key ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
        title text NOT NULL,
        organisation_id int NOT NULL REFERENCES organisations,
        appid text NOT NULL UNIQUE,
        original_id text NOT NULL,
        mode text NOT NULL CHECK (mode IN ('plain','compat','safe')),
        secret_sealed text NOT NULL,
        token_sealed text NOT NULL,
        aes_key_sealed text NOT NULL,
        -- still accepted while WeChat goes over to the new ones
        previous_token_sealed text,
        previous_aes_key_sealed text,
        settings jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL,
        disabled_at timestamptz
      );

      CREATE TABLE access_tokens (
        account_id int NOT NULL REFERENCES accounts,
        kind text NOT NULL CHECK (kind IN ('access_token','jsapi_ticket')),
        value_sealed text NOT NULL,
        expires_at timestamptz NOT NULL,
        version int NOT NULL,
        PRIMARY KEY (account_id, kind)
      );

      CREATE TABLE staff (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        username text NOT NULL UNIQUE,
        name text NOT NULL,
        password_hash text NOT NULL,
        organisation_id int NOT NULL REFERENCES organisations,
        created_at timestamptz NOT NULL,
        disabled_at timestamptz,
        -- everything signed before this moment is void
        signed_out_at timestamptz
      );
      CREATE TABLE staff_roles (
        staff_id int NOT NULL REFERENCES staff,
        role text NOT NULL CHECK (role IN ('clerk','dispatcher','operator','reviewer','supervisor','auditor','admin')),
        organisation_id int NOT NULL REFERENCES organisations,
        PRIMARY KEY (staff_id, role, organisation_id)
      );

      CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        staff_id int REFERENCES staff,
        organisation_id int REFERENCES organisations,
        action text NOT NULL,
        subject text NOT NULL,
        detail jsonb NOT NULL DEFAULT '{}',
        address text
      );
      CREATE INDEX audit_by_time ON audit (at DESC, id DESC);
      CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit trail can only be added to'; END $$;
      CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

      -- One row per citizen and account: where the chat stands. version is what two processes compare and swap.
      -- No column that a message changes is indexed, and there is room on the page, so updates stay in place (HOT).
      CREATE TABLE sessions (
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        version int NOT NULL,
        state json,
        following boolean NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        -- WeChat's windows for customer-service messages: after a message of the citizen's, and after a tap or scan
        message_until timestamptz,
        message_left smallint NOT NULL DEFAULT 0,
        tap_until timestamptz,
        tap_left smallint NOT NULL DEFAULT 0,
        -- deliveries that wait for the citizen's next contact
        waiting int NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, openid)
      ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

      -- Every callback received and its reply. sent_at is WeChat's CreateTime, the same in every repeat: it can be the
      -- partition key and part of the key by which a repeat is known.
      CREATE TABLE inbox (
        account_id int NOT NULL,
        openid text COLLATE "C" NOT NULL,
        sent_at timestamptz NOT NULL,
        dedupe text COLLATE "C" NOT NULL,
        received_at timestamptz NOT NULL,
        kind text NOT NULL,
        -- the Inbound as JSON; sealed_* instead where it holds personal identifiers
        message json NOT NULL,
        reply json,
        sealed text,
        -- answered; late: success has left, the run is still under way; failed: the handler threw, an apology was sent
        status text NOT NULL CHECK (status IN ('answered','late','failed')),
        handled_by text,
        process_id int,
        attempts smallint NOT NULL DEFAULT 1,
        PRIMARY KEY (account_id, openid, sent_at, dedupe)
      ) PARTITION BY RANGE (sent_at);
      -- Partial, although it leaves nothing out: only a query that names a received_at may use it. While a month is still empty the
      -- planner holds all indexes on account_id for equal and would look callbacks up by this one, and keep that plan when it has filled.
      CREATE INDEX inbox_by_receipt ON inbox (account_id, received_at DESC) WHERE received_at IS NOT NULL;
      CREATE INDEX inbox_late ON inbox (received_at) WHERE status = 'late';
      -- Takes any CreateTime outside the months made ahead (absent or absurd).
      CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE inbox, sessions, audit, staff_roles, staff, access_tokens, accounts, organisations, settings;
      DROP FUNCTION audit_is_append_only();
      DROP SEQUENCE process_numbers;
    `);
  }
}
