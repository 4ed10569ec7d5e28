import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who in a department gets a question, who helps it, and rules that go by the region. */
export class QuestionAssignment1764000000820 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A department's way, for itself and all below it; the nearest one counts.
      CREATE TABLE question_assignments (
        organisation_id int PRIMARY KEY REFERENCES organisations,
        mode text NOT NULL CHECK (mode IN ('claim','assign','round-robin')),
        -- working minutes without a sign after which somebody on duty counts as gone; null: never
        silent_minutes int CHECK (silent_minutes > 0)
      );
      ALTER TABLE staff_duty ADD COLUMN last_given_at timestamptz;
      -- A district, street or community that the place or the words of a question name.
      ALTER TABLE question_rules ADD COLUMN region text;
      -- 协办: departments that the one which answers has asked for help.
      CREATE TABLE question_helpers (
        question_id bigint NOT NULL REFERENCES questions,
        organisation_id int NOT NULL REFERENCES organisations,
        reason text NOT NULL,
        invited_at timestamptz NOT NULL,
        ended_at timestamptz,
        outcome text CHECK (outcome IN ('done','declined')),
        PRIMARY KEY (question_id, organisation_id)
      );
      CREATE INDEX question_helpers_of_organisation ON question_helpers (organisation_id, question_id) WHERE ended_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE question_helpers, question_assignments;
      ALTER TABLE question_rules DROP COLUMN region;
      ALTER TABLE staff_duty DROP COLUMN last_given_at;
    `);
  }
}
