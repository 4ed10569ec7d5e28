import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For whoever looks for a common word: the newest are gone through one by one. */
export class KnowledgeByChange1764000000853 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX knowledge_entries_by_change ON knowledge_entries (changed_at DESC, id DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX knowledge_entries_by_change');
  }
}
