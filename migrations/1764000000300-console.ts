import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Staff sessions that were ended before their time. */
export class Console1764000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A session is a signed token that nobody stores; only one that was signed out of has to be remembered, until it
      -- would have run out by itself.
      CREATE TABLE ended_sessions (
        id uuid PRIMARY KEY,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX ended_sessions_by_expiry ON ended_sessions (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ended_sessions');
  }
}
