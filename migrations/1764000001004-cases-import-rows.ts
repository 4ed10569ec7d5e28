import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of a file that was checked stand ready to be stored, so that storing them is a matter of the database alone. */
export class CasesImportRows1764000001004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Hashed like the cases themselves. Not in the log: a crash of PostgreSQL empties it, and it is filled from the file again.
      -- No foreign key either, which would be asked for each row: whatever ends an import takes its rows along.
      CREATE UNLOGGED TABLE case_import_rows (
        import_id text COLLATE "C" NOT NULL,
        line int NOT NULL,
        number text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        person_hash text COLLATE "C",
        tail_hash text COLLATE "C",
        code_hash text COLLATE "C",
        state text COLLATE "C" NOT NULL,
        steps jsonb NOT NULL,
        at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        promised boolean NOT NULL,
        done boolean NOT NULL,
        place text NOT NULL
      );
      CREATE INDEX case_import_rows_in_order ON case_import_rows (import_id, number, line);
      -- How far one has come in the order of numbers. What is under way, in the order of its file, begins anew: nothing is stored twice.
      ALTER TABLE case_imports ADD COLUMN rows_stored int NOT NULL DEFAULT 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE case_import_rows;
      ALTER TABLE case_imports DROP COLUMN rows_stored;
      UPDATE case_imports SET rows_done = 0 WHERE status = 'storing';
    `);
  }
}
