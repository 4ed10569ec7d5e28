import type { Queryable } from '../platform/database';
import { addJob } from '../platform/jobs';
import { type Content, type Message, type NoMessage, type Notice, store } from './message';
import type { Citizen, DeliveryDeps } from './row';
import { giveUpMillis, later } from './schedule';

export type NewDelivery = Citizen & {
  /** what goes out while the citizen may be written to */
  message?: Message | NoMessage;
  /** what goes out by a template otherwise; alone, it is written out as a text where that is possible */
  notice?: Notice;
  /** the service (or `staff:<username>`) that sends it */
  source: string;
  /** asking again with the same key sends nothing again; of one account */
  dedupeKey?: string;
  /** holds identifiers of a person: sealed at rest. What looks like one is sealed anyway */
  personal?: boolean;
  /** not earlier than this; others overtake it */
  notBefore?: Date;
  /** of no use to the citizen afterwards */
  expiresAt?: Date;
};

/**
 * Puts a message into the citizen's line, if and when the given transaction commits.
 * @returns its id; that of the first one where the dedupe key was used before, undefined where there is nothing to send
 */
export async function enqueue(
  on: Queryable,
  delivery: NewDelivery,
  { clock, encryption }: Pick<DeliveryDeps, 'clock' | 'encryption'>,
): Promise<string | undefined> {
  const content = contentOf(delivery);
  if (!content) return undefined;
  const { accountId, openid, notBefore } = delivery;
  const now = clock.now();
  const { body, sealed } = store(content, delivery.personal ?? false, encryption);
  const [made] = await on.query<{ id: string }>(
    `INSERT INTO deliveries (account_id, openid, created_at, source, type, body, sealed, dedupe_key, status, next_at, not_before, expires_at, give_up_at)
     VALUES ($1, $2, $3, $4, $5, $6::json, $7, $8, 'queued', $9, $10, $11, $12)
     ON CONFLICT (account_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
     RETURNING id`,
    [
      accountId,
      openid,
      now,
      delivery.source,
      content.message?.type ?? 'notice',
      body,
      sealed,
      delivery.dedupeKey ?? null,
      notBefore ?? now,
      notBefore ?? null,
      delivery.expiresAt ?? null,
      later(notBefore ?? now, giveUpMillis),
    ],
  );
  if (made) {
    await wakeRunner(on, { accountId, openid }, notBefore);
    return String(made.id);
  }
  const [first] = await on.query<{ id: string }>(
    'SELECT id FROM deliveries WHERE account_id = $1 AND dedupe_key = $2',
    [accountId, delivery.dedupeKey],
  );
  return first && String(first.id);
}

/** Has a worker look at the citizen's line when this transaction has committed. Without a key: no two callers wait for each other. */
export async function wakeRunner(on: Queryable, { accountId, openid }: Citizen, runAt?: Date): Promise<void> {
  await addJob(on, 'deliver', { accountId, openid }, { runAt });
}

function contentOf({ message, notice }: NewDelivery): Content | undefined {
  const real = message && message.type !== 'none' && message.type !== 'transfer' ? message : undefined;
  if (real?.type === 'text' && real.content.trim() === '' && !notice) return undefined;
  return real || notice ? { message: real, notice } : undefined;
}
