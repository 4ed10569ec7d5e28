import { z } from 'zod';
import type { KeyTitles } from '../dialogue/key-titles';
import type { Inbound } from '../dialogue/message';
import { looksPersonal } from '../platform/field-encryption';
import { visibleAccount } from './account-access';
import { bubble, citizenBubble } from './bubbles';
import { accountKey, pageOf, paging, revealers, revealReason, route, time } from './contract';
import { fromCursor, toCursor } from './cursor';
import { openMessage, readThread, threadItem } from './thread';
import { trace } from './trace';

const readers = ['operator', 'supervisor', 'admin'] as const;

const params = z.object({ account: accountKey, openid: z.string().min(1).max(64) });

const conversation = z.object({
  openid: z.string(),
  at: time.describe('最近一次来消息的时间'),
  preview: z.string(),
  following: z.boolean(),
  failed: z.boolean().describe('最近一条没有办成'),
  waiting: z.number().describe('等市民下次来时再发的消息数'),
});

export const chatRoutes = [
  route({
    method: 'get',
    path: '/chats/:account',
    summary: '最近的会话，新的在前',
    role: readers,
    params: params.pick({ account: true }),
    query: z.object(paging),
    output: pageOf(conversation),
    handler: async ({ params, query, caller }, deps) => {
      const account = await visibleAccount(params.account, caller, readers, deps);
      const [at, openid] = fromCursor(query.after, 'time', 'text') ?? [null, null];
      // sessions has no index by time (it would make every message move two rows), so: the receipts, newest first,
      // of which each citizen's newest counts; newest by the primary key, so that one look-up tells.
      const rows = await deps.db.query<ConversationRow>(
        `SELECT i.openid, i.received_at, i.message, i.sealed IS NOT NULL AS personal, i.status,
                coalesce(s.following, false) AS following, coalesce(s.waiting, 0) AS waiting
           FROM inbox i LEFT JOIN sessions s ON s.account_id = i.account_id AND s.openid = i.openid
          WHERE i.account_id = $1 AND i.received_at <= coalesce($2::timestamptz, 'infinity')
            AND ($2::timestamptz IS NULL OR (i.received_at, i.openid) < ($2, $3::text))
            AND NOT EXISTS (SELECT 1 FROM inbox n WHERE n.account_id = i.account_id AND n.openid = i.openid
                              AND (n.sent_at, n.dedupe) > (i.sent_at, i.dedupe))
          ORDER BY i.received_at DESC, i.openid DESC LIMIT $4`,
        [account.id, at, openid, query.limit + 1],
      );
      const shown = rows.slice(0, query.limit);
      const last = shown.at(-1);
      return {
        items: shown.map((row) => describeConversation(row, deps.titles)),
        next: last && rows.length > query.limit ? toCursor(last.received_at, last.openid) : null,
      };
    },
  }),
  route({
    method: 'get',
    path: '/chats/:account/:openid',
    summary: '与一位市民的往来，早的在前；next 通向更早的',
    role: readers,
    params,
    query: z.object(paging),
    output: pageOf(threadItem),
    handler: async ({ params, query, caller }, deps) => {
      const account = await visibleAccount(params.account, caller, readers, deps);
      return readThread({ accountId: account.id, openid: params.openid, ...query }, deps);
    },
  }),
  route({
    method: 'post',
    path: '/chats/:account/:openid/reveal',
    summary: '查看加密保存的原文；要写明理由，并记入审计',
    role: revealers,
    params,
    body: z.strictObject({
      id: z.string().max(300).describe('消息的 id'),
      reason: revealReason,
    }),
    output: z.object({ bubbles: z.array(bubble) }),
    handler: async (call, deps) => {
      const { account: key, openid } = call.params;
      const account = await visibleAccount(key, call.caller, revealers, deps);
      return deps.db.transaction(async (tx) => {
        const bubbles = await openMessage({ accountId: account.id, openid, id: call.body.id }, tx, deps);
        await trace(
          tx,
          call,
          {
            organisationId: account.organisationId,
            action: 'chat.reveal',
            subject: `chat:${key}/${openid}`,
            detail: { reason: call.body.reason, message: call.body.id },
          },
          deps,
        );
        return { bubbles };
      });
    },
  }),
];

function describeConversation(row: ConversationRow, titles: KeyTitles): z.input<typeof conversation> {
  const text = row.personal ? '［含个人信息］' : citizenBubble(row.message, titles).text;
  return {
    openid: row.openid,
    at: row.received_at.toISOString(),
    preview: looksPersonal(text) ? '［含个人信息］' : text.slice(0, 80),
    following: row.following,
    failed: row.status === 'failed',
    waiting: row.waiting,
  };
}

type ConversationRow = {
  openid: string;
  received_at: Date;
  message: Inbound;
  personal: boolean;
  status: string;
  following: boolean;
  waiting: number;
};
