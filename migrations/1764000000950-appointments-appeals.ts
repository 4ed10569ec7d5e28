import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Marks for not coming: what they lead to and until when, the citizen's appeal, and what was decided. */
export class AppointmentsAppeals1764000000950 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE appointment_no_shows
        -- how long a ban that it is part of lasts, by the policy of its day
        ADD COLUMN ban_until timestamptz,
        ADD COLUMN appeal_sealed text,
        ADD COLUMN appeal_status text CHECK (appeal_status IN ('open','accepted','rejected')),
        ADD COLUMN decided_at timestamptz,
        -- in words for the citizen
        ADD COLUMN decision text;
      UPDATE appointment_no_shows SET ban_until = at + interval '180 days',
             appeal_status = CASE WHEN forgiven_at IS NOT NULL THEN 'accepted' END, decided_at = forgiven_at;
      ALTER TABLE appointment_no_shows ALTER COLUMN ban_until SET NOT NULL, DROP COLUMN appeal;
      CREATE INDEX appointment_no_shows_appeals ON appointment_no_shows (organisation_id, appealed_at)
        WHERE appeal_status = 'open';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX appointment_no_shows_appeals;
      ALTER TABLE appointment_no_shows DROP COLUMN ban_until, DROP COLUMN appeal_sealed, DROP COLUMN appeal_status,
        DROP COLUMN decided_at, DROP COLUMN decision, ADD COLUMN appeal text;
    `);
  }
}
