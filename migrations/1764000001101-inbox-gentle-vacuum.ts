import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The months that exist are vacuumed as gently as those made from now on (src/dialogue/inbox/months.ts says why). */
export class InboxGentleVacuum1764000001101 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await ofEachPartition(runner, 'SET (autovacuum_vacuum_cost_delay = 20)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await ofEachPartition(runner, 'RESET (autovacuum_vacuum_cost_delay)');
  }
}

async function ofEachPartition(runner: QueryRunner, change: string): Promise<void> {
  await runner.query(`
    DO $$
    DECLARE partition regclass;
    BEGIN
      FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'inbox'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ${change}', partition);
      END LOOP;
    END $$`);
}
