import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What had read all that is stored: whose offer a place in line has become, asked with every confirmation; the times to come, every night. */
export class AppointmentsOffered1764000000933 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX appointment_waiting_offered ON appointment_waiting (appointment_id) WHERE status = 'offered';
      CREATE INDEX appointment_slots_coming ON appointment_slots (day);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX appointment_waiting_offered, appointment_slots_coming');
  }
}
