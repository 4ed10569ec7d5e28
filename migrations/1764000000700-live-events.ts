import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What open pages are told of at once. Kept for a day, so that a page that was away can catch up. */
export class LiveEvents1764000000700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE live_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        topic text NOT NULL,
        -- whose affair it is: the path of an organisation
        path text COLLATE "C" NOT NULL,
        roles text[] NOT NULL,
        data jsonb NOT NULL
      );
      CREATE INDEX live_events_by_time ON live_events (at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE live_events');
  }
}
