import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An automatic reply says one of the texts, or words of its own. */
export class AutoReplyTexts1764000000600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE auto_replies ALTER COLUMN text_key DROP NOT NULL, ADD COLUMN body text,
        ADD CONSTRAINT auto_replies_say_one_thing CHECK ((text_key IS NULL) <> (body IS NULL))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM auto_replies WHERE text_key IS NULL;
      ALTER TABLE auto_replies DROP CONSTRAINT auto_replies_say_one_thing, DROP COLUMN body, ALTER COLUMN text_key SET NOT NULL`);
  }
}
