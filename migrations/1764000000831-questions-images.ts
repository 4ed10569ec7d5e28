import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pictures in the messages of a question, and those that have still to be fetched from WeChat. */
export class QuestionImages1764000000831 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE question_images (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        question_id bigint NOT NULL REFERENCES questions,
        message_id bigint NOT NULL REFERENCES question_messages,
        -- null: not fetched yet, or lost
        file_id text COLLATE "C" REFERENCES files,
        -- where it is to be had, for what came in the chat
        media_id text,
        pic_url text,
        attempts smallint NOT NULL DEFAULT 0,
        -- to be tried from then on; null: there is nothing more to do
        next_at timestamptz,
        -- why it could not be had, in words for staff
        lost text,
        CHECK (file_id IS NOT NULL OR lost IS NOT NULL OR next_at IS NOT NULL)
      );
      CREATE INDEX question_images_of_question ON question_images (question_id, id);
      CREATE INDEX question_images_of_message ON question_images (message_id);
      CREATE INDEX question_images_of_file ON question_images (file_id) WHERE file_id IS NOT NULL;
      CREATE INDEX question_images_to_fetch ON question_images (next_at, id) WHERE next_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE question_images');
  }
}
