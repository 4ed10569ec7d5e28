import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom an entry did not help is kept too, so that its department sees which answers to mend. */
export class KnowledgeVerdicts1764000000851 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE knowledge_helped ADD COLUMN helped boolean NOT NULL DEFAULT true');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE knowledge_helped DROP COLUMN helped');
  }
}
