import type { Queryable } from '../platform/database';
import type { FieldEncryption } from '../platform/field-encryption';
import { type Content, open } from './message';
import type { Channel } from './port';
import type { Citizen, Row, Status } from './row';

/** A delivery as people see it. */
export type Listed = Citizen & {
  id: string;
  createdAt: Date;
  source: string;
  /** `text`, `news`, …, `notice` */
  type: string;
  status: Status;
  channel: Channel | null;
  /** an errcode of WeChat's, or a word of ours such as `unconfirmed`, `expired` */
  reasonCode: string | null;
  /** the same in Chinese */
  reason: string | null;
  attempts: number;
  nextAt: Date | null;
  sentAt: Date | null;
  finishedAt: Date | null;
  expiresAt: Date | null;
  /** holds identifiers of a person; `content` is null then unless asked for */
  personal: boolean;
  content: Content | null;
};

export type Filter = {
  accountId: number;
  openid?: string;
  status?: Status;
  channel?: Channel;
  source?: string;
  /** the last one of the page before */
  after?: { createdAt: Date; id: string };
  limit?: number;
};

/** Deliveries of an account, the newest first. */
export async function list(on: Queryable, filter: Filter, reveal?: FieldEncryption): Promise<Listed[]> {
  const { accountId, openid, status, channel, source, after, limit = 50 } = filter;
  const rows = await on.query<ListedRow>(
    `SELECT * FROM deliveries WHERE account_id = $1 AND ($2::text IS NULL OR openid = $2) AND ($3::text IS NULL OR status = $3)
       AND ($4::text IS NULL OR channel = $4) AND ($5::text IS NULL OR source = $5)
       AND ($6::timestamptz IS NULL OR (created_at, id) < ($6, $7::bigint))
     ORDER BY created_at DESC, id DESC LIMIT $8`,
    [
      accountId,
      openid ?? null,
      status ?? null,
      channel ?? null,
      source ?? null,
      after?.createdAt ?? null,
      after?.id ?? null,
      limit,
    ],
  );
  return rows.map((row) => show(row, reveal));
}

/** One delivery; what names a person stays sealed. */
export async function find(on: Queryable, id: string): Promise<Listed | undefined> {
  const [row] = await on.query<ListedRow>('SELECT * FROM deliveries WHERE id = $1', [id]);
  return row && show(row, undefined);
}

/** One delivery, with what it says opened: whoever asks has the right to read it and has written that down. */
export async function findOpened(on: Queryable, id: string, encryption: FieldEncryption): Promise<Listed | undefined> {
  const [row] = await on.query<ListedRow>('SELECT * FROM deliveries WHERE id = $1', [id]);
  return row && show(row, encryption);
}

type ListedRow = Row & {
  created_at: Date;
  source: string;
  type: string;
  sent_at: Date | null;
  finished_at: Date | null;
};

function show(row: ListedRow, reveal: FieldEncryption | undefined): Listed {
  return {
    id: String(row.id),
    accountId: row.account_id,
    openid: row.openid,
    createdAt: row.created_at,
    source: row.source,
    type: row.type,
    status: row.status,
    channel: row.channel,
    reasonCode: row.reason_code,
    reason: row.reason,
    attempts: row.attempts,
    nextAt: row.next_at,
    sentAt: row.sent_at,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
    personal: row.sealed !== null,
    content: reveal ? open(row, reveal) : row.body,
  };
}
