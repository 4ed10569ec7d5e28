import type { Clock } from '../platform/clock';
import type { Database, Tx } from '../platform/database';
import { UserError } from '../platform/errors';
import type { Sweep } from '../platform/jobs';

/** Far longer than a signature holds, and than a program that was down over the holidays needs to ask again. */
const keptMillis = 30 * 24 * 3600_000;

export type Answer = { status: number; text: string };
type Asked = { keyId: string; idempotencyKey: string; requestHash: string };
type Deps = { db: Database; clock: Clock };

/**
 * What is asked takes effect once: whoever asks again gets the same bytes, also while the first is under way, which it then waits for.
 * What failed did nothing, and may be asked again.
 * @throws UserError 409 for another request under the same key
 */
export function once(asked: Asked, { db, clock }: Deps, run: (tx: Tx) => Promise<Answer>): Promise<Answer> {
  const { keyId, idempotencyKey, requestHash } = asked;
  return db.transaction(async (tx) => {
    const [fresh] = await tx.query(
      `INSERT INTO api_answers (key_id, idempotency_key, request_hash, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING 1 AS one`,
      [keyId, idempotencyKey, requestHash, clock.now()],
    );
    if (!fresh) return known(tx, asked);
    const answer = await run(tx);
    await tx.query('UPDATE api_answers SET status = $3, answer = $4 WHERE key_id = $1 AND idempotency_key = $2', [
      keyId,
      idempotencyKey,
      answer.status,
      answer.text,
    ]);
    return answer;
  });
}

async function known(tx: Tx, { keyId, idempotencyKey, requestHash }: Asked): Promise<Answer> {
  const [row] = await tx.query<{ request_hash: string; status: number; answer: string }>(
    'SELECT request_hash, status, answer FROM api_answers WHERE key_id = $1 AND idempotency_key = $2',
    [keyId, idempotencyKey],
  );
  if (row!.request_hash !== requestHash)
    throw new UserError(409, 'key-reused', '这个 Idempotency-Key 已经用于另一个请求：内容变了就要换一个');
  return { status: row!.status, text: row!.answer };
}

export const oldAnswers = ({ db, clock }: Deps): Sweep => ({
  name: 'open.answers',
  seconds: 3600,
  run: async () => {
    await db.query('DELETE FROM api_answers WHERE at < $1', [new Date(clock.millis() - keptMillis)]);
  },
});
