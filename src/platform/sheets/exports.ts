import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Clock } from '../clock';
import type { Database, Queryable, Tx } from '../database';
import { notFound, UserError } from '../errors';
import { FileAnswer } from '../http/file-answer';
import type { Live } from '../live';

export type ExportDeps = { db: Database; clock: Clock; live: Live };

/** A file that somebody has asked for, as they see it. */
export type SheetExport = {
  id: string;
  kind: string;
  fileName: string;
  status: 'waiting' | 'running' | 'done' | 'failed';
  done: number;
  total: number | null;
  askedAt: Date;
  expiresAt: Date;
};

const keptMillis = 24 * 3600_000;
/** Each holds a job and a file: enough for a working day. */
const mostWaiting = 5;

type Asked = {
  owner: string;
  kind: string;
  parameters: Record<string, unknown>;
  fileName: string;
  /** whose pages are told how far it is: see Live */
  path: string;
  roles: readonly string[];
};

/** @returns its id, which nobody can guess @throws UserError 429 */
export async function askForSheet(tx: Tx, asked: Asked, { clock }: Pick<ExportDeps, 'clock'>): Promise<string> {
  const { owner, kind, parameters, fileName, path, roles } = asked;
  await tx.query('SELECT pg_advisory_xact_lock(7269030, hashtext($1))', [owner]);
  const [row] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM sheet_exports WHERE owner = $1 AND status IN ('waiting','running')`,
    [owner],
  );
  if (row!.count >= mostWaiting)
    throw new UserError(429, 'too-many', `还有 ${mostWaiting} 个文件在生成，请等它们好了再导出`);
  const id = randomBytes(16).toString('hex');
  const now = clock.now();
  await tx.query(
    `INSERT INTO sheet_exports (id, owner, kind, parameters, file_name, path, roles, status, beat_at, asked_at, expires_at)
     VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, 'waiting', $8, $8, $9)`,
    [id, owner, kind, JSON.stringify(parameters), fileName, path, roles, now, new Date(now.getTime() + keptMillis)],
  );
  return id;
}

/** Whose files, and of which kinds: each service lists and hands out its own. */
export type Held = { owner: string; kinds: readonly string[] };

/** The latest of one person, newest first. */
export const sheetsOf = (
  on: Queryable,
  { owner, kinds }: Held,
  { clock }: Pick<ExportDeps, 'clock'>,
): Promise<SheetExport[]> =>
  on.query<SheetExport>(
    `SELECT id, kind, file_name AS "fileName", status, rows_done AS done, rows_total AS total, asked_at AS "askedAt",
            expires_at AS "expiresAt"
       FROM sheet_exports WHERE owner = $1 AND kind = ANY ($2) AND expires_at > $3 ORDER BY asked_at DESC, id LIMIT 20`,
    [owner, kinds, clock.now()],
  );

/** The file itself, piece by piece. @throws UserError 404 for whoever did not ask for it */
export async function sheetFile(id: string, { owner, kinds }: Held, { db, clock }: ExportDeps): Promise<FileAnswer> {
  const [row] = await db.query<{ file_name: string }>(
    `SELECT file_name FROM sheet_exports
      WHERE id = $1 AND owner = $2 AND kind = ANY ($3) AND status = 'done' AND expires_at > $4`,
    [id, owner, kinds, clock.now()],
  );
  if (!row) throw notFound('这个文件，也许已经过期');
  return new FileAnswer({ bytes: Readable.from(parts(id, db)), contentType: xlsxType, saveAs: row.file_name });
}

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

async function* parts(id: string, db: Database): AsyncGenerator<Buffer> {
  for (let part = 0; ; part++) {
    const [row] = await db.query<{ bytes: Buffer }>(
      'SELECT bytes FROM sheet_parts WHERE export_id = $1 AND part = $2',
      [id, part],
    );
    if (!row) return;
    yield row.bytes;
  }
}

/** Files are kept for a day. */
export async function dropExpiredSheets({ db, clock }: Pick<ExportDeps, 'db' | 'clock'>): Promise<void> {
  await db.query('DELETE FROM sheet_exports WHERE expires_at <= $1', [clock.now()]);
}
