import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happens at the counter: the queue, who came without booking, a clinic stopped, screens in the hall. */
export class AppointmentsDesk1764000000940 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One press of 停诊停办: what was stopped, and what is done for those who had booked.
      CREATE TABLE appointment_stops (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        resource_id int NOT NULL REFERENCES appointment_resources,
        organisation_id int NOT NULL REFERENCES organisations,
        from_day date NOT NULL,
        to_day date NOT NULL CHECK (to_day >= from_day),
        half text CHECK (half IN ('morning','afternoon')),
        reason text NOT NULL,
        -- given another time with the same resource, with any of the office, or released
        instead text NOT NULL CHECK (instead IN ('resource','office','release')),
        at timestamptz NOT NULL,
        staff_id int NOT NULL REFERENCES staff
      );
      CREATE INDEX appointment_stops_resource ON appointment_stops (resource_id, id DESC);
      CREATE INDEX appointment_stops_organisation ON appointment_stops (organisation_id, id DESC);
      ALTER TABLE appointment_slots ADD COLUMN stop_id bigint REFERENCES appointment_stops;
      CREATE INDEX appointment_slots_stop ON appointment_slots (stop_id) WHERE stop_id IS NOT NULL;

      ALTER TABLE appointments
        ADD COLUMN walk_in boolean NOT NULL DEFAULT false,
        -- the order in which they are called: the number, until somebody who was passed over lines up again
        ADD COLUMN queue_rank double precision,
        ADD COLUMN calls int NOT NULL DEFAULT 0,
        -- called and not there
        ADD COLUMN passed_at timestamptz,
        -- the stop that ended it, and who told the citizen by telephone
        ADD COLUMN stop_id bigint REFERENCES appointment_stops,
        ADD COLUMN told_at timestamptz,
        ADD COLUMN told_by int REFERENCES staff;
      UPDATE appointments SET queue_rank = queue_number WHERE queue_number IS NOT NULL;
      CREATE INDEX appointments_stop ON appointments (stop_id) WHERE stop_id IS NOT NULL;
      CREATE INDEX appointments_moved ON appointments (moved_from) WHERE moved_from IS NOT NULL;
      -- a form sent twice is one person at the counter
      CREATE UNIQUE INDEX appointments_walk_in_key ON appointments (resource_id, key) WHERE walk_in;

      -- A screen in the hall, opened by a link that can be taken back.
      CREATE TABLE appointment_screens (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organisation_id int NOT NULL REFERENCES organisations,
        title text NOT NULL,
        resource_ids int[] NOT NULL,
        token_hash text COLLATE "C" NOT NULL UNIQUE,
        opened_at timestamptz NOT NULL,
        opened_by int NOT NULL REFERENCES staff,
        revoked_at timestamptz
      );
      CREATE INDEX appointment_screens_organisation ON appointment_screens (organisation_id) WHERE revoked_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE appointment_screens;
      ALTER TABLE appointments DROP COLUMN walk_in, DROP COLUMN queue_rank, DROP COLUMN calls, DROP COLUMN passed_at,
        DROP COLUMN stop_id, DROP COLUMN told_at, DROP COLUMN told_by;
      DROP INDEX appointments_moved;
      ALTER TABLE appointment_slots DROP COLUMN stop_id;
      DROP TABLE appointment_stops;
    `);
  }
}
