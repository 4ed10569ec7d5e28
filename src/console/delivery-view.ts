import { z } from 'zod';
import { asCustom, type Content } from '../delivery/message';
import { looksPersonal } from '../platform/field-encryption';
import { time } from './contract';
import type { ConsoleDeps } from './deps';

export const deliveryStatuses = ['queued', 'sending', 'sent', 'delivered', 'failed', 'waiting'] as const;

export const deliveryItem = z.object({
  id: z.string(),
  at: time.describe('提出发送的时间'),
  openid: z.string(),
  source: z.string().describe('哪个服务或哪位人员'),
  status: z.enum(deliveryStatuses),
  channel: z.string().nullable(),
  text: z.string(),
  personal: z.boolean(),
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  attempts: z.number(),
  nextAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type DeliveryItem = z.infer<typeof deliveryItem>;

const columns = `d.id, d.created_at, d.openid, d.source, d.status, d.channel, d.body,
                 d.reason_code, d.reason, d.attempts, d.next_at, d.finished_at`;

type Filter = {
  accountId: number;
  openid?: string;
  status?: (typeof deliveryStatuses)[number];
  before: [at: string, id: string] | null;
  limit: number;
};

/** Deliveries of one account, newest first, from a place in the list on. */
export async function listDeliveries(
  { accountId, openid, status, before, limit }: Filter,
  { db }: Pick<ConsoleDeps, 'db'>,
): Promise<DeliveryItem[]> {
  const rows = await db.query<Row>(
    `SELECT ${columns} FROM deliveries d
      WHERE d.account_id = $1 AND ($2::text IS NULL OR d.openid = $2) AND ($3::text IS NULL OR d.status = $3)
        AND ($4::timestamptz IS NULL OR (d.created_at, d.id) < ($4, $5::bigint))
      ORDER BY d.created_at DESC, d.id DESC LIMIT $6`,
    [accountId, openid ?? null, status ?? null, before?.[0] ?? null, before?.[1] ?? null, limit],
  );
  return rows.map(describe);
}

/** What was delivered to one citizen in a stretch of time, for showing it within the chat. */
export async function deliveriesBetween(
  { accountId, openid, from, before }: { accountId: number; openid: string; from: Date | null; before: Date | null },
  { db }: Pick<ConsoleDeps, 'db'>,
): Promise<DeliveryItem[]> {
  const rows = await db.query<Row>(
    `SELECT ${columns} FROM deliveries d
      WHERE d.account_id = $1 AND d.openid = $2
        AND ($3::timestamptz IS NULL OR d.created_at >= $3) AND ($4::timestamptz IS NULL OR d.created_at < $4)
      ORDER BY d.id DESC LIMIT 200`,
    [accountId, openid, from, before],
  );
  return rows.map(describe);
}

export async function findDelivery(
  id: string,
  { db }: Pick<ConsoleDeps, 'db'>,
): Promise<{ accountId: number; delivery: DeliveryItem } | undefined> {
  const [row] = await db.query<Row & { account_id: number }>(
    `SELECT d.account_id, ${columns} FROM deliveries d WHERE d.id = $1`,
    [id],
  );
  return row && { accountId: row.account_id, delivery: describe(row) };
}

function describe(row: Row): DeliveryItem {
  const text = row.body === null ? '' : deliveryWords(row.body);
  const personal = row.body === null || looksPersonal(text);
  return {
    id: String(row.id),
    at: row.created_at.toISOString(),
    openid: row.openid,
    source: row.source,
    status: row.status,
    channel: row.channel,
    text: personal ? '含个人信息，已加密保存' : text,
    personal,
    reasonCode: row.reason_code,
    reason: row.reason,
    attempts: row.attempts,
    nextAt: row.next_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** The words of a stored message, as a citizen would read them in the chat. */
function deliveryWords(content: Content): string {
  const message = asCustom(content);
  switch (message.type) {
    case 'text':
      return message.content;
    case 'news':
      return message.articles.map(({ title }) => title).join('\n');
    case 'msgmenu':
      return [message.head, ...message.list.map(({ content }) => `· ${content}`), message.tail]
        .filter(Boolean)
        .join('\n');
    case 'image':
      return '［图片］';
    case 'voice':
      return '［语音］';
    case 'video':
    case 'music':
      return `［${message.type === 'video' ? '视频' : '音乐'}］${message.title}`;
  }
}

type Row = {
  id: string;
  created_at: Date;
  openid: string;
  source: string;
  status: DeliveryItem['status'];
  channel: string | null;
  /** null where it is sealed */
  body: Content | null;
  reason_code: string | null;
  reason: string | null;
  attempts: number;
  next_at: Date | null;
  finished_at: Date | null;
};
