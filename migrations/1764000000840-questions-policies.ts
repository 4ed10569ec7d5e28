import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Time limits that a department has for itself and all below it, in place of the city's. */
export class QuestionPolicies1764000000840 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE question_policies (
        organisation_id int PRIMARY KEY REFERENCES organisations,
        policies jsonb NOT NULL
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE question_policies');
  }
}
