import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From a delivery to the answer that it carries: what becomes of it is told to open pages. */
export class QuestionsFates1764000000843 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX question_messages_by_delivery ON question_messages (delivery_id) WHERE delivery_id IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX question_messages_by_delivery');
  }
}
