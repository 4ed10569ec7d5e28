import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pictures that citizens and staff have sent in. */
export class Files1764000000830 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- In the database and not in a folder: a picture and what it belongs to commit together, are backed up together, and
      -- processes on different machines see the same. Each is some hundred kilobytes.
      CREATE TABLE files (
        id text COLLATE "C" PRIMARY KEY,
        -- who brought it, and may use it: \`citizen:<account>:<openid>\`, \`staff:<id>\`
        owner text COLLATE "C" NOT NULL,
        content_type text NOT NULL,
        width int NOT NULL,
        height int NOT NULL,
        bytes bytea NOT NULL,
        small bytea NOT NULL,
        at timestamptz NOT NULL,
        -- something refers to it; what nothing refers to after a day is swept
        kept boolean NOT NULL DEFAULT false
      );
      -- JPEG does not get smaller by being compressed once more.
      ALTER TABLE files ALTER COLUMN bytes SET STORAGE EXTERNAL, ALTER COLUMN small SET STORAGE EXTERNAL;
      CREATE INDEX files_orphans ON files (at) WHERE NOT kept;
      CREATE INDEX files_unused_of ON files (owner, at) WHERE NOT kept;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE files');
  }
}
