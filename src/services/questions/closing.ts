import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { startClock } from './clocks';
import { policiesOf } from './policies';
import { type Place, pathColumn, questionsWithPlace, tellPages } from './tell-pages';

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'live' | 'settings'>;

const batch = 500;
const dayMillis = 24 * 3600_000;

/** Answered, and the citizen has said nothing since: closed by itself. It tells nobody who sleeps, so it may be at night. */
export async function closeSilent(deps: Deps): Promise<void> {
  while ((await closeBatch(deps)) === batch);
}

function closeBatch({ db, clock, live, settings }: Deps): Promise<number> {
  const now = clock.now();
  const { closeDays } = policiesOf(settings);
  return db.transaction(async (tx) => {
    const closed = await tx.query<Place>(
      `WITH silent AS (
         SELECT q.id, ${pathColumn} FROM ${questionsWithPlace}
          WHERE q.status = 'answered' AND q.last_at <= $1
          ORDER BY q.last_at, q.id LIMIT ${batch} FOR UPDATE OF q SKIP LOCKED)
       UPDATE questions q SET status = 'closed', closed_at = $2, version = q.version + 1
         FROM silent WHERE q.id = silent.id RETURNING q.id, silent.path`,
      [new Date(now.getTime() - closeDays * dayMillis), now],
    );
    await tx.query(
      `INSERT INTO question_messages (question_id, at, kind, text)
       SELECT unnest($1::bigint[]), $2::timestamptz, 'event', $3::text`,
      [closed.map(({ id }) => id), now, `答复后 ${closeDays} 天没有新的消息，自动关闭。`],
    );
    await tellPages(
      tx,
      live,
      closed.map((one) => ({ ...one, event: 'closed' })),
    );
    return closed.length;
  });
}

/** What a citizen thinks of the answer; the two questions may be answered one after the other. */
export type Rating = { solved?: boolean; satisfied?: number };

const isUnhappy = ({ solved, satisfied }: Rating) => solved === false || (satisfied !== undefined && satisfied <= 2);

/**
 * 解决了吗, 满意吗. Who is unhappy has the question opened again, once, for a supervisor to decide. Whether the question is this
 * citizen's is the caller's to know. @throws UserError 404, and 409 before there is an answer
 */
export async function rate(
  tx: Tx,
  id: string,
  rating: Rating,
  deps: Pick<ServiceDeps, 'clock' | 'live'>,
): Promise<'stored' | 'reopened'> {
  const now = deps.clock.now();
  const [question] = await tx.query<Place & { answered: boolean; reopened: boolean }>(
    `SELECT q.id, ${pathColumn}, q.status <> 'open' AND q.first_replied_at IS NOT NULL AS answered, q.reopened
       FROM ${questionsWithPlace}
      WHERE q.id = $1 AND q.merged_into IS NULL FOR UPDATE OF q`,
    [id],
  );
  if (!question) throw notFound('这个问题');
  // The second of the two questions comes when the first has already opened it again.
  if (!question.answered && !question.reopened) throw new UserError(409, 'not-answered', '还没有答复，不能评价');
  const reopens = isUnhappy(rating) && question.answered && !question.reopened;
  await tx.query(
    `UPDATE questions SET solved = coalesce($2, solved), satisfied = coalesce($3, satisfied), rated_at = $4, version = version + 1
      WHERE id = $1`,
    [id, rating.solved ?? null, rating.satisfied ?? null, now],
  );
  await note(tx, id, said(rating), now);
  if (reopens) await reopen(tx, id, now, deps);
  await tellPages(tx, deps.live, [{ ...question, event: reopens ? 'reopened' : 'rated' }]);
  return reopens ? 'reopened' : 'stored';
}

async function reopen(tx: Tx, id: string, now: Date, deps: Pick<ServiceDeps, 'clock'>): Promise<void> {
  await tx.query(
    `UPDATE questions SET status = 'open', reopened = true, escalated_at = $2, priority = greatest(priority, 1),
            answered_at = NULL, closed_at = NULL, snoozed_until = NULL, waiting_since = $2, last_at = $2
      WHERE id = $1`,
    [id, now],
  );
  await startClock(tx, id, deps);
  await note(tx, id, '市民不满意，重新打开，转督查人员处理。', now);
}

const note = (tx: Tx, id: string, text: string, now: Date) =>
  tx.query(`INSERT INTO question_messages (question_id, at, kind, text) VALUES ($1, $2, 'event', $3)`, [id, now, text]);

function said({ solved, satisfied }: Rating): string {
  const parts = [
    solved === undefined ? undefined : solved ? '问题已解决' : '问题没有解决',
    satisfied === undefined ? undefined : `满意度 ${satisfied} 分（满分 5 分）`,
  ];
  return `市民评价：${parts.filter((part) => part !== undefined).join('，')}。`;
}
