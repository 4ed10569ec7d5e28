import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long answers took, in working time, so that figures of a period are one look along an index. */
export class QuestionFigures1764000000842 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE questions
        -- working minutes from dispatch to the first reply, and from the clock's start to the resolve, without pauses
        ADD COLUMN first_reply_minutes int,
        ADD COLUMN resolve_minutes int,
        -- the resolve that was measured: another one is measured anew
        ADD COLUMN measured_answered_at timestamptz;
      CREATE INDEX questions_to_measure ON questions (id)
        WHERE (first_replied_at IS NOT NULL AND first_reply_minutes IS NULL)
           OR answered_at IS DISTINCT FROM measured_answered_at;
      CREATE INDEX questions_asked ON questions (organisation_id, asked_at, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX questions_asked;
      DROP INDEX questions_to_measure;
      ALTER TABLE questions DROP COLUMN first_reply_minutes, DROP COLUMN resolve_minutes, DROP COLUMN measured_answered_at;
    `);
  }
}
