import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pictures chosen for an answer that is being written. */
export class QuestionsDrafts1764000000844 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE question_drafts ADD COLUMN images text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE question_drafts DROP COLUMN images');
  }
}
