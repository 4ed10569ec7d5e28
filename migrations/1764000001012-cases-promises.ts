import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of when the promise is that a case's day comes from: steps arrive in any order, and an older one must not take it away. */
export class CasesPromises1764000001012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- the time of the step that due_at was promised with; none where it is reckoned from the kind
      ALTER TABLE cases ADD COLUMN promised_at timestamptz;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE cases DROP COLUMN promised_at');
  }
}
