import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who waited for a place on past days too, so that figures of a period are a stretch of an index. */
export class AppointmentsFigures1764000000938 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX appointment_waiting_day ON appointment_waiting (resource_id, day)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX appointment_waiting_day');
  }
}
