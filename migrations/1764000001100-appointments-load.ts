import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How busy a counter is, asked by everybody: who stands in line, and how long the last visits took. */
export class AppointmentsLoad1764000001100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX appointments_in_line ON appointments (resource_id, day) WHERE status = 'checked-in';
      CREATE INDEX appointments_served ON appointments (resource_id, ended_at DESC) INCLUDE (called_at)
        WHERE status = 'served' AND called_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX appointments_in_line, appointments_served');
  }
}
