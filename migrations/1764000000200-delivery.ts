import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages that leave later, each with its fate; and accounts that cannot call the platform. */
export class Delivery1764000000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deliveries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL,
        -- which service or member of staff asked for it
        source text NOT NULL,
        type text NOT NULL,
        -- {message, notice}, fields in the order given; sealed instead where it holds personal identifiers
        body json,
        sealed text,
        -- the caller's: asking twice with the same one is asking once
        dedupe_key text COLLATE "C",

        status text NOT NULL CHECK (status IN ('queued','sending','sent','delivered','failed','waiting')),
        channel text CHECK (channel IN ('custom','subscribe','template')),
        reason_code text,
        reason text,
        attempts smallint NOT NULL DEFAULT 0,
        -- due from then on (queued); tried again then even without a contact (waiting)
        next_at timestamptz,
        -- earliest time the caller wants
        not_before timestamptz,
        -- of no use afterwards, says the caller
        expires_at timestamptz,
        -- no more tries afterwards
        give_up_at timestamptz NOT NULL,

        -- channels that refused since the row was last queued: {"subscribe": "refused", "template": "quota"}
        tried jsonb NOT NULL DEFAULT '{}',
        -- the place taken in one of the session's windows, and which window that was
        reserved text CHECK (reserved IN ('message','tap')),
        reserved_until timestamptz,
        sending_at timestamptz,
        process_id int,
        template_id text,
        client_msg_id text,
        client_msg_at timestamptz,
        -- it may have been sent: only the very same send may be repeated
        unsure boolean NOT NULL DEFAULT false,
        -- a receipt that overtook the answer to the send
        receipt jsonb,
        msg_id text COLLATE "C",
        sent_at timestamptz,
        waiting_at timestamptz,
        finished_at timestamptz,
        CHECK ((body IS NULL) <> (sealed IS NULL))
      ) WITH (fillfactor = 80);

      CREATE UNIQUE INDEX deliveries_dedupe ON deliveries (account_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
      -- the next one of a citizen
      CREATE INDEX deliveries_open ON deliveries (account_id, openid, id) WHERE status IN ('queued','sending');
      CREATE INDEX deliveries_due ON deliveries (next_at) WHERE status IN ('queued','waiting');
      CREATE INDEX deliveries_sending ON deliveries (sending_at) WHERE status = 'sending';
      CREATE INDEX deliveries_waiting ON deliveries (account_id, openid) WHERE status = 'waiting';
      CREATE INDEX deliveries_waiting_since ON deliveries (waiting_at) WHERE status = 'waiting';
      CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE status IN ('queued','waiting') AND expires_at IS NOT NULL;
      CREATE INDEX deliveries_unconfirmed ON deliveries (sent_at) WHERE status = 'sent';
      CREATE INDEX deliveries_by_msg_id ON deliveries (account_id, msg_id) WHERE msg_id IS NOT NULL;
      -- lists: all of an account, by status, of one citizen
      CREATE INDEX deliveries_of_account ON deliveries (account_id, created_at DESC, id DESC);
      CREATE INDEX deliveries_by_status ON deliveries (account_id, status, created_at DESC, id DESC);
      CREATE INDEX deliveries_of_citizen ON deliveries (account_id, openid, id DESC);

      CREATE TABLE account_faults (
        account_id int PRIMARY KEY REFERENCES accounts,
        code text NOT NULL,
        message text NOT NULL,
        since timestamptz NOT NULL,
        last_at timestamptz NOT NULL
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE account_faults, deliveries');
  }
}
