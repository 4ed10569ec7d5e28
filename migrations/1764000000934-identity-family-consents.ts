import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a consent is about: who acts for one of the family declares for that very person that they agree. */
export class IdentityFamilyConsents1764000000934 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Null: of the citizen themselves; and, given before this, for all of the family that was registered by then.
      ALTER TABLE consents ADD COLUMN person_id bigint REFERENCES persons;
      DROP INDEX consents_given;
      CREATE UNIQUE INDEX consents_given ON consents (account_id, openid, kind, version, coalesce(person_id, 0))
        WHERE withdrawn_at IS NULL;
    `);
  }

  /** Cannot give back which person a consent was for: of those for several one remains, for nobody in particular. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM consents c USING consents other
       WHERE c.withdrawn_at IS NULL AND other.withdrawn_at IS NULL AND other.id < c.id
         AND (other.account_id, other.openid, other.kind, other.version) = (c.account_id, c.openid, c.kind, c.version);
      DROP INDEX consents_given;
      CREATE UNIQUE INDEX consents_given ON consents (account_id, openid, kind, version) WHERE withdrawn_at IS NULL;
      ALTER TABLE consents DROP COLUMN person_id;
    `);
  }
}
