import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a question's clock began to run: at dispatch, and anew when the question is reopened. */
export class QuestionClocks1764000000810 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Beside dispatched_at, which stays what it was, for the figures. Null while no clock runs.
      ALTER TABLE questions ADD COLUMN clock_started_at timestamptz;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE questions DROP COLUMN clock_started_at');
  }
}
