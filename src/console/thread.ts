import { z } from 'zod';
import { openRecord, type StoredMessage } from '../dialogue/inbox/record';
import type { KeyTitles } from '../dialogue/key-titles';
import type { Inbound, Reply } from '../dialogue/message';
import type { Queryable } from '../platform/database';
import { notFound } from '../platform/errors';
import { looksPersonal } from '../platform/field-encryption';
import { type Bubble, bubble, citizenBubble, hiddenBubble, replyBubble } from './bubbles';
import { time } from './contract';
import { fromCursor, toCursor } from './cursor';
import { type DeliveryItem, deliveryItem, describeDelivery } from './delivery-view';
import type { ConsoleDeps } from './deps';

const callbackItem = z.object({
  kind: z.literal('callback'),
  id: z.string(),
  at: time,
  bubbles: z.array(bubble),
  handledBy: z.string().nullable(),
  handledByTitle: z.string().nullable().describe('由哪里答复，给人看的'),
  status: z.enum(['answered', 'late', 'failed']),
  personal: z.boolean().describe('原文加密保存，可凭理由查看'),
});
export const threadItem = z.discriminatedUnion('kind', [
  callbackItem,
  z.object({ kind: z.literal('delivery'), at: time, delivery: deliveryItem }),
]);
type ThreadItem = z.infer<typeof threadItem>;

type Place = { accountId: number; openid: string };

/** One page of a chat, oldest first: what came in with its replies, and what was delivered in the same stretch of time. */
export async function readThread(
  { accountId, openid, after, limit }: Place & { after?: string; limit: number },
  deps: Pick<ConsoleDeps, 'db' | 'delivery' | 'titles'>,
): Promise<{ items: ThreadItem[]; next: string | null }> {
  const [sentAt, dedupe] = fromCursor(after, 'time', 'text') ?? [null, null];
  // by the primary key, which starts with account and citizen
  const rows = await deps.db.query<CallbackRow>(
    `SELECT sent_at, dedupe, received_at, message, reply, sealed, status, handled_by FROM inbox
      WHERE account_id = $1 AND openid = $2 AND ($3::timestamptz IS NULL OR (sent_at, dedupe) < ($3, $4::text))
      ORDER BY sent_at DESC, dedupe DESC LIMIT $5`,
    [accountId, openid, sentAt, dedupe, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const oldest = rows.length > limit ? shown.at(-1)! : undefined;
  const deliveries = await deliveriesBetween(
    { accountId, openid, from: oldest?.sent_at, before: sentAt ? new Date(sentAt) : undefined },
    deps,
  );
  const items: ThreadItem[] = [
    ...shown.map((row) => describeCallback(row, deps.titles)),
    ...deliveries.map((delivery) => ({ kind: 'delivery' as const, at: delivery.at, delivery })),
  ];
  return {
    // stable: what came in stands before what was sent in the same millisecond
    items: items.sort((one, other) => one.at.localeCompare(other.at)),
    next: oldest ? toCursor(oldest.sent_at, oldest.dedupe) : null,
  };
}

/**
 * The words of one stored message in the clear. Whoever calls this writes the audit row in the same transaction.
 * @throws UserError 404
 */
export async function openMessage(
  { accountId, openid, id }: Place & { id: string },
  on: Queryable,
  { encryption, titles }: Pick<ConsoleDeps, 'encryption' | 'titles'>,
): Promise<Bubble[]> {
  const [sentAt, dedupe] = fromCursor(id, 'time', 'text')!;
  const [row] = await on.query<CallbackRow>(
    `SELECT message, reply, sealed FROM inbox WHERE account_id = $1 AND openid = $2 AND sent_at = $3 AND dedupe = $4`,
    [accountId, openid, sentAt, dedupe],
  );
  if (!row) throw notFound('这条消息');
  const { message, reply } = openRecord(row, encryption);
  return bubblesOf(message, reply, titles);
}

/** What was delivered to the citizen from `from` on and before `before`. */
async function deliveriesBetween(
  { accountId, openid, from, before }: Place & { from?: Date; before?: Date },
  { delivery, titles }: Pick<ConsoleDeps, 'delivery' | 'titles'>,
): Promise<DeliveryItem[]> {
  const after = before && { createdAt: before, id: '0' };
  const listed = await delivery.list({ accountId, openid, after, limit: 200 });
  return listed.filter(({ createdAt }) => !from || createdAt >= from).map((one) => describeDelivery(one, titles));
}

function describeCallback(row: CallbackRow, titles: KeyTitles): ThreadItem {
  const bubbles = row.sealed === null ? bubblesOf(row.message, row.reply, titles) : [];
  // Sealing is decided where messages are stored; this only makes sure that nothing recognisable slips onto a screen.
  const personal = row.sealed !== null || bubbles.some(({ text }) => looksPersonal(text));
  return {
    kind: 'callback',
    id: toCursor(row.sent_at, row.dedupe),
    at: row.received_at.toISOString(),
    bubbles: personal ? [hiddenBubble('citizen'), ...(row.reply ? [hiddenBubble('account')] : [])] : bubbles,
    handledBy: row.handled_by,
    handledByTitle: row.handled_by && (titles.of(row.handled_by) ?? row.handled_by),
    status: row.status,
    personal,
  };
}

const bubblesOf = (message: StoredMessage, reply: Reply | null, titles: KeyTitles): Bubble[] =>
  [citizenBubble(message as Inbound, titles), replyBubble(reply)].filter((one) => one !== undefined);

type CallbackRow = {
  sent_at: Date;
  dedupe: string;
  received_at: Date;
  message: StoredMessage;
  reply: Reply | null;
  sealed: string | null;
  status: 'answered' | 'late' | 'failed';
  handled_by: string | null;
};
