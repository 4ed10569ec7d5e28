import { randomBytes } from 'node:crypto';
import type { Account } from '../people/accounts';
import type { Tx } from '../platform/database';
import { fail, markUnconfirmed, wait } from './endings';
import { type Content, open } from './message';
import { fillTemplate } from './notice-templates';
import type { Channel } from './port';
import { type Citizen, type DeliveryDeps, type Row, updated } from './row';
import { afterMidnight, clientMsgMillis, later, pausedMillis } from './schedule';
import { lockSession, openWindow, type Session, stillReserved, takePlace } from './windows';

/** A delivery that is committed as leaving: nobody else will send it. */
export type Claimed = { row: Row; account: Account; content: Content; send: Sendable };
export type Sendable =
  | { channel: 'custom' }
  | { channel: 'subscribe' | 'template'; templateId: string; data: Record<string, string> };

/**
 * Takes the next delivery of a citizen and decides how it leaves. Commits that it is leaving, with its place in the window,
 * *before* the call: a process that dies in between can then be told from one that never began.
 * @returns `idle` when there is nothing to do now, `again` when something ended without a call
 */
export function claim(citizen: Citizen, deps: DeliveryDeps): Promise<Claimed | 'again' | 'idle'> {
  return deps.db.transaction(async (tx) => {
    await takeTurn(tx, citizen);
    // Before the row, as the inbox does it: it holds the session when it wakes what waits.
    const session = await lockSession(tx, citizen);
    const row = await nextInLine(tx, citizen, deps.clock.now());
    return row ? decide(tx, row, session, deps) : 'idle';
  });
}

/** One at a time decides about a citizen, also where there is no session to lock. */
export async function takeTurn(tx: Tx, { accountId, openid }: Citizen): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($2::text, $1::bigint))', [
    accountId,
    `delivery:${openid}`,
  ]);
}

/**
 * The oldest that is not finished; nothing overtakes it while it is sent or tried again. What the caller wants later, and what
 * waits for a contact, holds nobody up.
 */
async function nextInLine(tx: Tx, { accountId, openid }: Citizen, now: Date): Promise<Row | undefined> {
  const [row] = await tx.query<Row>(
    `SELECT * FROM deliveries
     WHERE account_id = $1 AND openid = $2 AND status IN ('queued', 'sending') AND (not_before IS NULL OR not_before <= $3)
     ORDER BY id LIMIT 1 FOR UPDATE`,
    [accountId, openid, now],
  );
  return row && row.status === 'queued' && row.next_at! <= now ? row : undefined;
}

async function decide(
  tx: Tx,
  row: Row,
  session: Session | undefined,
  deps: DeliveryDeps,
): Promise<Claimed | 'again' | 'idle'> {
  const now = deps.clock.now();
  const overdue = row.expires_at !== null && row.expires_at <= now;
  if (overdue)
    return row.unsure ? markUnconfirmed(tx, row, deps) : fail(tx, row, 'expired', '已过有效时间，不再发送', deps);
  const account = deps.accounts.byId(row.account_id);
  if (!account) {
    if (now < row.give_up_at) return postpone(tx, row, later(now, pausedMillis));
    return fail(tx, row, 'account-disabled', '公众号已停用', deps);
  }
  const content = open(row, deps.encryption);
  if (row.unsure) {
    if (now.getTime() - row.client_msg_at!.getTime() >= clientMsgMillis) return markUnconfirmed(tx, row, deps);
    const send = templated(row.channel as 'subscribe' | 'template', account, content);
    // Its template was taken out of the settings: another one would be another message.
    return send?.templateId === row.template_id
      ? leave(tx, row, send, { account, content }, deps)
      : markUnconfirmed(tx, row, deps);
  }
  const send = choose(row, session, account, content, now);
  if (!send) return noChannel(tx, row, deps);
  if (send.channel === 'custom') await reserve(tx, row, session, now);
  return leave(tx, row, send, { account, content }, deps);
}

/** Customer-service message while window and count allow, else subscription notice, else template message. */
function choose(
  row: Row,
  session: Session | undefined,
  account: Account,
  content: Content,
  now: Date,
): Sendable | undefined {
  const mayWrite = stillReserved(row, session, now) || openWindow(session, now) !== undefined;
  if (mayWrite && !row.tried.custom) return { channel: 'custom' };
  for (const channel of ['subscribe', 'template'] as const) {
    const send = row.tried[channel] ? undefined : templated(channel, account, content);
    if (send) return send;
  }
  return undefined;
}

function templated(
  channel: 'subscribe' | 'template',
  account: Account,
  { notice }: Content,
): (Sendable & { templateId: string }) | undefined {
  const filled = notice && fillTemplate(account, channel, notice);
  return filled && { channel, ...filled };
}

/** Used-up quotas come back after midnight; what no customer-service message can carry has failed; the rest waits for a contact. */
async function noChannel(tx: Tx, row: Row, deps: DeliveryDeps): Promise<'again'> {
  const quota = Object.values(row.tried).includes('quota');
  if (row.tried.custom === 'refused' && !quota)
    return fail(tx, row, row.reason_code ?? 'refused', row.reason ?? '微信平台拒绝了这条消息', deps);
  return wait(tx, row, quota ? afterMidnight(deps.clock.now()) : null, deps);
}

async function reserve(tx: Tx, row: Row, session: Session | undefined, now: Date): Promise<void> {
  if (stillReserved(row, session, now)) return;
  const { window, until } = openWindow(session, now)!;
  await takePlace(tx, { accountId: row.account_id, openid: row.openid }, window);
  row.reserved = window;
  row.reserved_until = until;
}

/** From here on it counts as possibly sent. */
async function leave(
  tx: Tx,
  row: Row,
  send: Sendable,
  rest: Pick<Claimed, 'account' | 'content'>,
  deps: DeliveryDeps,
): Promise<Claimed> {
  const now = deps.clock.now();
  const notice = send.channel === 'custom' ? undefined : send;
  const id = notice && clientMsgId(row, send.channel, now);
  const [left] = await tx.query<Row>(
    updated(`SET status = 'sending', channel = $2, attempts = attempts + 1, sending_at = $3, process_id = $4, template_id = $5,
       client_msg_id = $6, client_msg_at = $7, reserved = $8, reserved_until = $9, receipt = NULL WHERE id = $1`),
    [
      row.id,
      send.channel,
      now,
      deps.events.processId(),
      notice?.templateId ?? null,
      id?.value ?? null,
      id?.at ?? null,
      row.reserved,
      row.reserved_until,
    ],
  );
  return { row: left!, send, ...rest };
}

/** The same for every repeat of a send, so that the platform sends once; a new one where the old is forgotten and nothing landed. */
function clientMsgId(row: Row, channel: Channel, now: Date): { value: string; at: Date } {
  const known = row.client_msg_id && row.client_msg_at && row.channel === channel;
  if (known && (row.unsure || now.getTime() - row.client_msg_at!.getTime() < clientMsgMillis))
    return { value: row.client_msg_id!, at: row.client_msg_at! };
  return { value: randomBytes(16).toString('hex'), at: now };
}

async function postpone(tx: Tx, row: Row, until: Date): Promise<'idle'> {
  await tx.query('UPDATE deliveries SET next_at = $2 WHERE id = $1', [row.id, until]);
  return 'idle';
}
