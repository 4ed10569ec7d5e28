import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that staff have asked for as files. */
export class SheetExports1764000000841 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sheet_exports (
        id text COLLATE "C" PRIMARY KEY,
        -- who asked for it, and alone may fetch it: \`staff:<id>\`
        owner text COLLATE "C" NOT NULL,
        -- which table, and of what
        kind text NOT NULL,
        parameters jsonb NOT NULL,
        file_name text NOT NULL,
        -- whose pages are told how far it is
        path text NOT NULL,
        roles text[] NOT NULL,
        status text NOT NULL CHECK (status IN ('waiting','running','done','failed')),
        rows_done int NOT NULL DEFAULT 0,
        rows_total int,
        tries int NOT NULL DEFAULT 0,
        -- one more each time somebody begins it; the sign of life of whoever has
        run int NOT NULL DEFAULT 0,
        beat_at timestamptz NOT NULL,
        asked_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sheet_exports_of ON sheet_exports (owner, asked_at DESC);
      CREATE INDEX sheet_exports_to_make ON sheet_exports (beat_at) WHERE status IN ('waiting','running');
      CREATE INDEX sheet_exports_to_drop ON sheet_exports (expires_at);
      -- In pieces, so that neither writing nor sending holds a whole file.
      CREATE TABLE sheet_parts (
        export_id text COLLATE "C" NOT NULL REFERENCES sheet_exports ON DELETE CASCADE,
        part int NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (export_id, part)
      );
      ALTER TABLE sheet_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sheet_parts, sheet_exports');
  }
}
