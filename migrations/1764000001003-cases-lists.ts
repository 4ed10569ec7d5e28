import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each list of cases that the console shows runs along an index, however many cases there are. */
export class CasesLists1764000001003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The source first: a number is always asked for within one, and so is a number's beginning.
      CREATE UNIQUE INDEX cases_of_source_number ON cases (source_id, number);
      DROP INDEX cases_number;
      CREATE INDEX cases_of_kind ON cases (source_id, kind, state, moved_at DESC, id DESC);
      DROP INDEX cases_overdue;
      CREATE INDEX cases_overdue ON cases (source_id, due_at, id, kind, state) WHERE done_at IS NULL AND flagged_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX cases_of_kind, cases_overdue;
      CREATE INDEX cases_overdue ON cases (source_id, due_at) WHERE done_at IS NULL AND flagged_at IS NOT NULL;
      CREATE UNIQUE INDEX cases_number ON cases (number, source_id);
      DROP INDEX cases_of_source_number;
    `);
  }
}
