import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of cases that are read in: checked as a whole first, then stored a chunk at a time. */
export class CasesImports1764000001002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE case_imports (
        id text COLLATE "C" PRIMARY KEY,
        source_id int NOT NULL REFERENCES case_sources,
        staff_id int NOT NULL REFERENCES staff,
        file_name text NOT NULL,
        form text CHECK (form IN ('xlsx','utf-8','gb18030')),
        status text NOT NULL CHECK (status IN ('uploading','checking','faulty','ready','storing','done','failed')),
        rows_done int NOT NULL DEFAULT 0,
        rows_total int,
        faults int NOT NULL DEFAULT 0,
        summary jsonb,
        preview jsonb NOT NULL DEFAULT '[]',
        reason text,
        -- one more each time somebody begins it; the sign of life of whoever has
        run int NOT NULL DEFAULT 0,
        tries int NOT NULL DEFAULT 0,
        asked_at timestamptz NOT NULL,
        beat_at timestamptz NOT NULL
      );
      CREATE INDEX case_imports_of_staff ON case_imports (staff_id, asked_at DESC);
      CREATE INDEX case_imports_under_way ON case_imports (asked_at) WHERE status IN ('checking','storing');
      -- Sealed: it says whose the cases are. Gone as soon as it has been stored.
      CREATE TABLE case_import_parts (
        import_id text COLLATE "C" NOT NULL REFERENCES case_imports ON DELETE CASCADE,
        part int NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (import_id, part)
      );
      ALTER TABLE case_import_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
      CREATE TABLE case_import_faults (
        import_id text COLLATE "C" NOT NULL REFERENCES case_imports ON DELETE CASCADE,
        nth int NOT NULL,
        line int NOT NULL,
        place text NOT NULL,
        message text NOT NULL,
        PRIMARY KEY (import_id, nth)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE case_import_faults, case_import_parts, case_imports');
  }
}
