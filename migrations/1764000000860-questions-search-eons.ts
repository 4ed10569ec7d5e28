import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The index of words knows the age of a question coarsely too: a word out of use for long is found without going through all the eras since. */
export class QuestionsSearchEons1764000000860 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX questions_search;
      CREATE INDEX questions_search ON questions
        USING gin ((id / 2048), (id / 16384), (coalesce(organisation_id, -account_id)), search) WITH (fastupdate = off);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX questions_search;
      CREATE INDEX questions_search ON questions USING gin ((id / 2048), (coalesce(organisation_id, -account_id)), search)
        WITH (fastupdate = off);
    `);
  }
}
