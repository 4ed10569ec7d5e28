import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What staff who plan need: who changed something last, slots that rules have left, and sheets that are read in. */
export class AppointmentsSchedules1764000000920 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Two who edit the same one at once: the second is told.
      ALTER TABLE appointment_resources ADD COLUMN version int NOT NULL DEFAULT 1;
      ALTER TABLE appointment_rules ADD COLUMN shift text NOT NULL DEFAULT '';
      ALTER TABLE appointment_slots
        -- made or changed by staff for this one time: rules leave it alone
        ADD COLUMN by_hand boolean NOT NULL DEFAULT false,
        -- no rule makes it any more; whoever booked it comes, nobody else
        ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

      CREATE TABLE appointment_imports (
        id text COLLATE "C" PRIMARY KEY,
        staff_id int NOT NULL REFERENCES staff,
        file_name text NOT NULL,
        -- gone once it has been read
        bytes bytea,
        status text NOT NULL CHECK (status IN ('reading','faulty','ready','applying','done','failed')),
        rows_done int NOT NULL DEFAULT 0,
        rows_total int,
        -- what was read, as it will be applied
        rows jsonb,
        faults jsonb NOT NULL DEFAULT '[]',
        summary jsonb,
        reason text,
        tries int NOT NULL DEFAULT 0,
        address text,
        asked_at timestamptz NOT NULL,
        beat_at timestamptz NOT NULL
      );
      CREATE INDEX appointment_imports_staff ON appointment_imports (staff_id, asked_at DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE appointment_imports;
      ALTER TABLE appointment_slots DROP COLUMN by_hand, DROP COLUMN withdrawn;
      ALTER TABLE appointment_rules DROP COLUMN shift;
      ALTER TABLE appointment_resources DROP COLUMN version;
    `);
  }
}
