import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import { UserError } from '../../platform/errors';
import { addMessage } from './messages';
import { questionById } from './tables';
import { tell } from './tell';

const minute = 60_000;
/** The platform keeps a picture three days; after the last of these tries two have gone by. */
const pauses = [
  minute,
  2 * minute,
  5 * minute,
  30 * minute,
  2 * 60 * minute,
  6 * 60 * minute,
  12 * 60 * minute,
  24 * 60 * minute,
];
/** Whoever has begun is done or dead by then. */
const leaseMillis = 5 * minute;

type Row = {
  id: string;
  question_id: string;
  message_id: string;
  account_id: number;
  openid: string;
  media_id: string;
  pic_url: string;
  attempts: number;
};

/** All that are due: those whose worker died, and those to be tried again. */
export async function fetchDue(deps: ServiceDeps): Promise<void> {
  const due = await deps.db.query<{ id: string }>(
    'SELECT id::text FROM question_images WHERE next_at <= $1 ORDER BY next_at, id LIMIT 100',
    [deps.clock.now()],
  );
  for (const { id } of due) await fetchOne({ id }, deps);
}

/** Fetches one picture from WeChat, if it is due; what does not work is tried again, and in the end told to both sides. */
export async function fetchOne(payload: unknown, deps: ServiceDeps): Promise<void> {
  const { id } = z.object({ id: z.string() }).parse(payload);
  const row = await claim(id, deps);
  if (!row) return;
  try {
    const fetched = await deps.fetchPicture(row.account_id, { mediaId: row.media_id, picUrl: row.pic_url });
    if ('gone' in fetched) return await lose(row, fetched.gone, deps);
    await store(row, await deps.files.makeImage(fetched.bytes), deps);
  } catch (error) {
    if (error instanceof UserError && error.status !== 503) return lose(row, error.message, deps);
    deps.log.warn(
      { image: row.id, attempts: row.attempts, error: (error as Error).message },
      'a picture was not fetched',
    );
    const pause = pauses[row.attempts - 1];
    if (pause === undefined) return lose(row, (error as Error).message, deps);
    await deps.db.query('UPDATE question_images SET next_at = $2 WHERE id = $1 AND next_at IS NOT NULL', [
      row.id,
      new Date(deps.clock.millis() + pause),
    ]);
  }
}

/** Nobody else takes it up while this one is at it. */
async function claim(id: string, { db, clock }: ServiceDeps): Promise<Row | undefined> {
  const [row] = await db.query<Row>(
    `WITH c AS (UPDATE question_images SET attempts = attempts + 1, next_at = $3 WHERE id = $1 AND next_at <= $2 RETURNING *)
     SELECT c.id::text, c.question_id::text, c.message_id::text, c.media_id, c.pic_url, c.attempts, q.account_id, q.openid
       FROM c JOIN questions q ON q.id = c.question_id`,
    [id, clock.now(), new Date(clock.millis() + leaseMillis)],
  );
  return row;
}

async function store(row: Row, image: Awaited<ReturnType<ServiceDeps['files']['makeImage']>>, deps: ServiceDeps) {
  await deps.db.transaction(async (tx) => {
    const fileId = await deps.files.add(tx, image, { owner: `question:${row.question_id}`, kept: true });
    const stored = await tx.query(
      `WITH s AS (UPDATE question_images SET file_id = $2, next_at = NULL, media_id = NULL, pic_url = NULL
                   WHERE id = $1 AND next_at IS NOT NULL RETURNING id) SELECT id FROM s`,
      [row.id, fileId],
    );
    if (stored.length === 0) await tx.query('DELETE FROM files WHERE id = $1', [fileId]);
    else await tellPages(tx, row, deps);
  });
}

/** It will not come any more: a line for staff, a word to the citizen (once for a message), and one picture less. */
async function lose(row: Row, reason: string, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const lost = await tx.query(
      `WITH l AS (UPDATE question_images SET lost = $2, next_at = NULL WHERE id = $1 AND next_at IS NOT NULL RETURNING id)
       SELECT id FROM l`,
      [row.id, reason],
    );
    if (lost.length === 0) return;
    const at = deps.clock.now();
    const text = `市民的一张照片没能取到：${reason}`;
    await addMessage(tx, { questionId: row.question_id, at, kind: 'event', text }, deps);
    await tx.query('UPDATE questions SET images = images - 1 WHERE id = $1', [row.question_id]);
    const { number } = (await questionById(tx, row.question_id))!;
    await deps.delivery.enqueue(tx, {
      accountId: row.account_id,
      openid: row.openid,
      source: 'questions',
      message: { type: 'text', content: deps.texts.say('questions.photo-lost', { number }, row.account_id) },
      dedupeKey: `questions.photo-lost:${row.message_id}`,
    });
    await tellPages(tx, row, deps);
  });
}

async function tellPages(tx: Parameters<typeof tell>[0], { question_id }: Row, deps: ServiceDeps): Promise<void> {
  await tell(tx, deps, (await questionById(tx, question_id))!, 'images');
}
