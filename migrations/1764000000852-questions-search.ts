import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The index of words knows the age of a question too: a common word is looked up from the newest on, era by era, as far as needed. */
export class QuestionsSearch1764000000852 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX questions_search;
      CREATE INDEX questions_search ON questions USING gin ((id / 2048), (coalesce(organisation_id, -account_id)), search)
        WITH (fastupdate = off);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX questions_search;
      CREATE INDEX questions_search ON questions USING gin ((coalesce(organisation_id, -account_id)), search)
        WITH (fastupdate = off);
    `);
  }
}
