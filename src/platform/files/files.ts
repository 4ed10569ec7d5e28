import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import type { Database, Queryable, Tx } from '../database';
import { UserError } from '../errors';
import { FileAnswer } from '../http/file-answer';
import type { Sweep } from '../jobs';
import { type Image, makeImage } from './image';

export type Files = ReturnType<typeof createFiles>;
export type Size = 'whole' | 'small';

const dayMillis = 24 * 3600_000;
const sweptAtOnce = 200;

/**
 * Pictures, kept in Postgres: made by `makeImage` (no other way in), added in the caller's transaction, kept as soon as something refers
 * to them, swept a day later otherwise.
 */
export function createFiles({ db, clock }: { db: Database; clock: Clock }) {
  return {
    /** What somebody sent, checked and made anew; before a transaction, since it takes a while. @throws UserError */
    makeImage,

    /** @returns its id, which nobody can guess; `kept` at once where something already refers to it */
    async add(
      on: Queryable,
      image: Image,
      { owner, kept = false }: { owner: string; kept?: boolean },
    ): Promise<string> {
      const id = randomBytes(16).toString('hex');
      const { contentType, width, height, bytes, small } = image;
      await on.query(
        `INSERT INTO files (id, owner, content_type, width, height, bytes, small, at, kept)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [id, owner, contentType, width, height, bytes, small, clock.now(), kept],
      );
      return id;
    },

    /** How many someone has brought and not used yet. */
    async unused(on: Queryable, owner: string): Promise<number> {
      const [row] = await on.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM files WHERE owner = $1 AND NOT kept',
        [owner],
      );
      return row!.count;
    },

    /** Those of these that somebody has brought and not used yet, in this order. */
    async waiting(on: Queryable, ids: readonly string[], owner: string): Promise<string[]> {
      if (ids.length === 0) return [];
      const rows = await on.query<{ id: string }>(
        'SELECT id FROM files WHERE id = ANY ($1) AND owner = $2 AND NOT kept',
        [ids, owner],
      );
      const there = new Set(rows.map(({ id }) => id));
      return ids.filter((id) => there.has(id));
    },

    /**
     * From now on something refers to them: to be called in the transaction that writes the reference.
     * @throws UserError 422 where one is not there, not the owner's, or used already
     */
    async keep(tx: Tx, ids: readonly string[], owner: string): Promise<void> {
      if (ids.length === 0) return;
      const kept = await tx.query(
        `WITH k AS (UPDATE files SET kept = true WHERE id = ANY ($1) AND owner = $2 AND NOT kept RETURNING id) SELECT id FROM k`,
        [ids, owner],
      );
      if (kept.length < ids.length)
        throw new UserError(422, 'no-such-image', '有图片已经失效，请重新选择', {
          images: '有图片已经失效，请重新选择',
        });
    },

    async read(id: string, size: Size = 'whole'): Promise<{ contentType: string; bytes: Buffer } | undefined> {
      const [row] = await db.query<{ content_type: string; bytes: Buffer }>(
        `SELECT content_type, ${size === 'small' ? 'small' : 'bytes'} AS bytes FROM files WHERE id = $1`,
        [id],
      );
      return row && { contentType: row.content_type, bytes: row.bytes };
    },

    /** As an answer over HTTP; who may see it is the caller's to know. A file never changes, so that its id is its ETag. */
    async answer(id: string, size: Size = 'whole'): Promise<FileAnswer | undefined> {
      const file = await this.read(id, size);
      return file && new FileAnswer({ ...file, etag: `${id}-${size}`, keepSeconds: 7 * 24 * 3600 });
    },

    sweep: {
      name: 'files.unused',
      seconds: 3600,
      run: async () => {
        const before = new Date(clock.millis() - dayMillis);
        let swept: number;
        do {
          const rows = await db.query(
            `WITH gone AS (SELECT id FROM files WHERE NOT kept AND at < $1 ORDER BY at LIMIT ${sweptAtOnce} FOR UPDATE SKIP LOCKED),
                  d AS (DELETE FROM files f USING gone WHERE f.id = gone.id RETURNING f.id)
             SELECT id FROM d`,
            [before],
          );
          swept = rows.length;
        } while (swept === sweptAtOnce);
      },
    } satisfies Sweep,
  };
}
