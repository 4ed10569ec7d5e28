import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Places that were added while people wait for that day: kept for those in line before anybody else can book them. */
export class AppointmentsKeptPlaces1764000000944 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE appointment_slots
        -- of those taken, how many are nobody's yet: each is offered to the next in line, or freed where nobody waits any more
        ADD COLUMN kept int NOT NULL DEFAULT 0 CHECK (kept BETWEEN 0 AND taken);
      CREATE INDEX appointment_slots_kept ON appointment_slots (id) WHERE kept > 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE appointment_slots SET taken = taken - kept WHERE kept > 0;
      ALTER TABLE appointment_slots DROP COLUMN kept;
    `);
  }
}
