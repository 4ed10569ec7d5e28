import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { lockMerged, openAgain, ratingBegun, told } from './citizen';
import { helpersOf } from './joint-departments';
import { addMessage } from './messages';
import { notifyStaff } from './notify';
import { readPolicies } from './policies';
import type { QuestionRow } from './tables';
import { type Place, pathColumn, questionsWithPlace, tellPages } from './tell-pages';

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'live'>;

const batch = 500;
const dayMillis = 24 * 3600_000;

/** Answered, and the citizen has said nothing since: closed by itself. It tells nobody who sleeps, so it may be at night. */
export async function closeSilent(deps: Deps): Promise<void> {
  while ((await closeBatch(deps)) === batch);
}

function closeBatch({ db, clock, live }: Deps): Promise<number> {
  const now = clock.now();
  return db.transaction(async (tx) => {
    const { city, own } = await readPolicies(tx);
    const days = [city, ...own.map(({ policies }) => policies)].map(({ closeDays }) => closeDays);
    // The index finds those that the shortest term has closed; of these, each department's own term decides.
    const closed = await tx.query<Place & { days: number }>(
      `WITH silent AS (
         SELECT q.id, ${pathColumn}, own.days FROM ${questionsWithPlace}
           CROSS JOIN LATERAL (
             SELECT coalesce((SELECT days FROM unnest($3::text[], $4::int[]) AS p (path, days)
                               WHERE starts_with(o.path, p.path) ORDER BY length(p.path) DESC LIMIT 1), $5::int) AS days) own
          WHERE q.status = 'answered' AND q.last_at <= $1
            AND q.last_at <= $2::timestamptz - make_interval(hours => 24 * own.days)
          ORDER BY q.last_at, q.id LIMIT ${batch} FOR UPDATE OF q SKIP LOCKED)
       UPDATE questions q SET status = 'closed', closed_at = $2, version = q.version + 1
         FROM silent WHERE q.id = silent.id RETURNING q.id, silent.path, silent.days`,
      [
        new Date(now.getTime() - Math.min(...days) * dayMillis),
        now,
        own.map(({ path }) => path),
        own.map(({ policies }) => policies.closeDays),
        city.closeDays,
      ],
    );
    await tx.query(
      `INSERT INTO question_messages (question_id, at, kind, text)
       SELECT id, $3::timestamptz, 'event', '答复后 ' || days || ' 天没有新的消息，自动关闭。'
         FROM unnest($1::bigint[], $2::int[]) AS c (id, days)`,
      [closed.map(({ id }) => id), closed.map(({ days }) => days), now],
    );
    const helpers = await helpersOf(
      tx,
      closed.map(({ id }) => id),
    );
    await tellPages(
      tx,
      live,
      [...closed, ...helpers].map(({ id, path }) => ({ id, path, event: 'closed' })),
    );
    return closed.length;
  });
}

/** What a citizen thinks of the answer, both or the one question and later the other. 5 very satisfied … 1 very dissatisfied (好差评) */
export type Rating = { solved?: boolean; satisfied?: number };

/** The five levels of 好差评, worst first. */
export const levels = ['非常不满意', '不满意', '基本满意', '满意', '非常满意'] as const;

const isUnhappy = ({ solved, satisfied }: Rating) => solved === false || (satisfied !== undefined && satisfied <= 2);

/**
 * 解决了吗, 满意吗: two questions. Who is unhappy has the question opened again, once, for a supervisor to decide; after that the
 * second answer stands. Whether the question is this citizen's is the caller's to know.
 * @throws UserError 409 for one that nobody has answered, or of which this was said
 */
export async function rate(
  tx: Tx,
  { id, at, ...said }: Rating & { id: string; at: Date },
  deps: ServiceDeps,
): Promise<QuestionRow> {
  const asked = await lockMerged(tx, id);
  const begun = ratingBegun(asked);
  if (!begun && (asked.status === 'open' || asked.answered_at === null))
    throw new UserError(409, 'not-answered', `提问 ${asked.number} 还没有办结，办结后再请您评价`);
  const rating = begun ? missing(said, asked) : said;
  if ((!begun && asked.rated_at !== null) || (rating.solved === undefined && rating.satisfied === undefined))
    throw new UserError(409, 'rated', `提问 ${asked.number} 您已经评价过了`);
  const solved = rating.solved ?? (begun ? asked.solved : null);
  const satisfied = rating.satisfied ?? (begun ? asked.satisfied : null);
  const whole = solved !== null && satisfied !== null;
  await addMessage(tx, { questionId: asked.id, at, kind: 'event', text: `市民评价：${inWords(rating)}` }, deps);
  await tx.query(
    `UPDATE questions SET solved = $2, satisfied = $3, rated_at = $4, version = version + 1, last_at = $4,
            status = CASE WHEN status = 'answered' AND $5 THEN 'closed' ELSE status END,
            closed_at = CASE WHEN status = 'answered' AND $5 THEN $4 ELSE closed_at END
      WHERE id = $1`,
    [asked.id, solved, satisfied, at, whole],
  );
  const again = isUnhappy(rating) && !asked.reopened;
  if (again) await handToSupervisor(tx, asked, at, deps);
  return told(tx, asked, again ? 'reopened' : 'rated', deps);
}

/** What was said the first time stands. */
const missing = ({ solved, satisfied }: Rating, asked: QuestionRow): Rating => ({
  solved: asked.solved === null ? solved : undefined,
  satisfied: asked.satisfied === null ? satisfied : undefined,
});

async function handToSupervisor(tx: Tx, asked: QuestionRow, at: Date, deps: ServiceDeps): Promise<void> {
  await openAgain(tx, asked, at, deps);
  await tx.query(
    `UPDATE questions SET reopened = true, escalated_at = $2, priority = greatest(priority, 1), assignee_id = NULL,
            snoozed_until = NULL, waiting_since = $2 WHERE id = $1`,
    [asked.id, at],
  );
  const text = '市民不满意，重新打开，转督查人员处理';
  await addMessage(tx, { questionId: asked.id, at, kind: 'event', text }, deps);
  await notifyStaff(tx, deps, [{ id: asked.id, event: 'escalation' }]);
}

function inWords({ solved, satisfied }: Rating): string {
  const parts = [
    solved === undefined ? [] : [solved ? '解决了' : '没解决'],
    satisfied === undefined ? [] : [levels[satisfied - 1]],
  ];
  return parts.flat().join('，');
}
