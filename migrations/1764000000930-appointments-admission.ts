import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who stands in line for a doctor or a window while more ask than can be answered at once. */
export class AppointmentsAdmission1764000000930 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Kept for a day, so it refers to nothing that would have to outlive it.
      CREATE TABLE appointment_admissions (
        -- the order of the line
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        resource_id int NOT NULL,
        slot_id bigint NOT NULL,
        day date NOT NULL,
        account_id int NOT NULL,
        openid text COLLATE "C" NOT NULL,
        person_id bigint NOT NULL,
        -- the sender's own: sent again, it is the same place in the line
        key text COLLATE "C" NOT NULL,
        -- who is on a page looks for the answer, who is in the chat is told
        via text NOT NULL CHECK (via IN ('page','chat')),
        at timestamptz NOT NULL,
        -- served: has an appointment; over: nothing was left; refused: a rule stands in the way; left: did not want to wait
        status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting','served','over','refused','left')),
        settled_at timestamptz,
        appointment_id bigint,
        -- why there is none, for the citizen
        said text,
        told_at timestamptz,
        attempts int NOT NULL DEFAULT 0,
        UNIQUE (account_id, openid, key),
        CHECK ((status = 'waiting') = (settled_at IS NULL))
      );
      CREATE UNIQUE INDEX appointment_admissions_once ON appointment_admissions (resource_id, person_id) WHERE status = 'waiting';
      CREATE INDEX appointment_admissions_line ON appointment_admissions (resource_id, id) WHERE status = 'waiting';
      CREATE INDEX appointment_admissions_person ON appointment_admissions (person_id) WHERE status = 'waiting';
      CREATE INDEX appointment_admissions_citizen ON appointment_admissions (account_id, openid) WHERE status = 'waiting';
      CREATE INDEX appointment_admissions_settled ON appointment_admissions (resource_id, settled_at);
      CREATE INDEX appointment_admissions_untold ON appointment_admissions (id)
        WHERE via = 'chat' AND status IN ('over','refused') AND told_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE appointment_admissions');
  }
}
