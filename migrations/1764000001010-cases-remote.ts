import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the back ends of offices last answered, for when they do not. */
export class CasesRemote1764000001010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE case_remote_answers (
        source_id int NOT NULL REFERENCES case_sources ON DELETE CASCADE,
        -- the question, hashed with its factor or its document: who does not bring them finds nothing
        question text COLLATE "C" NOT NULL,
        answered_at timestamptz NOT NULL,
        cases_sealed text NOT NULL,
        PRIMARY KEY (source_id, question)
      );
      CREATE INDEX case_remote_answers_old ON case_remote_answers (answered_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE case_remote_answers');
  }
}
