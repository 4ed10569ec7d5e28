import type { Database, Queryable, Tx } from '../../../platform/database';
import type { FieldEncryption } from '../../../platform/field-encryption';
import { createSheetSniffer, type Line, linesOf, type SheetForm } from '../../../platform/sheets/read';

/** A CSV is read as it comes; of an XLSX the texts that cells share are held, so that it is kept smaller. */
export const mostBytes = 64 * 1024 * 1024;
export const mostLines = 200_000;
const limits = { lines: mostLines, columns: 40, unpacked: 256 * 1024 * 1024 };
/** A piece is held several times over while it is sealed, sent and read: small enough that nobody notices. */
const partBytes = 128 * 1024;
/** After so many rows in one go others have their turn: a few milliseconds. */
export const sliceRows = 200;

type Deps = { db: Database; encryption: FieldEncryption };

/** Keeps a file as it comes in, sealed. @returns what it is @throws UserError 422 */
export async function keepFile(id: string, parts: AsyncIterable<Buffer>, { db, encryption }: Deps): Promise<SheetForm> {
  const sniffer = createSheetSniffer();
  let nth = 0;
  let gathered: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    const bytes = Buffer.concat(gathered);
    gathered = [];
    size = 0;
    sniffer.look(bytes);
    await keepPart(db, id, nth++, encryption.sealBytes(bytes));
  };
  for await (const part of parts) {
    gathered.push(part);
    size += part.length;
    if (size >= partBytes) await flush();
  }
  if (size > 0) await flush();
  return sniffer.form();
}

const keepPart = (on: Queryable, id: string, part: number, bytes: Buffer) =>
  on.query('INSERT INTO case_import_parts (import_id, part, bytes) VALUES ($1, $2, $3)', [id, part, bytes]);

/** The lines of a file that is kept, the header first, a batch at a time. */
export const keptLines = ({ id, form }: { id: string; form: SheetForm }, deps: Deps): AsyncGenerator<Line[]> =>
  linesOf(form, keptParts(id, deps), limits);

async function* keptParts(id: string, { db, encryption }: Deps): AsyncGenerator<Buffer> {
  for (let part = 0; ; part++) {
    const [row] = await db.query<{ bytes: Buffer }>(
      'SELECT bytes FROM case_import_parts WHERE import_id = $1 AND part = $2',
      [id, part],
    );
    if (!row) return;
    yield encryption.openBytes(row.bytes);
  }
}

/** Whatever is kept of it: the file and its rows. */
export async function dropFile(tx: Tx, id: string): Promise<void> {
  await tx.query('DELETE FROM case_import_parts WHERE import_id = $1', [id]);
  await dropRows(tx, id);
}

export const dropRows = (tx: Tx, id: string) => tx.query('DELETE FROM case_import_rows WHERE import_id = $1', [id]);
