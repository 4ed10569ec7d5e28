import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What concerns somebody of the staff: the bell in the console. */
export class StaffNotifications1764000000731 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE staff_notifications (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        staff_id int NOT NULL REFERENCES staff,
        at timestamptz NOT NULL,
        kind text NOT NULL,
        title text NOT NULL,
        -- a page of the console
        link text NOT NULL,
        -- what it is about: while it is unread the same again takes its place
        about text,
        read_at timestamptz
      );
      CREATE INDEX staff_notifications_latest ON staff_notifications (staff_id, at DESC, id DESC);
      CREATE UNIQUE INDEX staff_notifications_unread ON staff_notifications (staff_id, about)
        WHERE read_at IS NULL AND about IS NOT NULL;
      CREATE INDEX staff_notifications_by_age ON staff_notifications (at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE staff_notifications');
  }
}
