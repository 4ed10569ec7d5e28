import type { Client } from 'pg';
import { citizens, message, type Script } from './messages';

export type Sent = Script & { first: number; sent: number; unanswered: number[] };

/**
 * Whether the inbox holds every message that was answered, under its own id, answered and not just received. `first` must be a
 * multiple of the number of citizens, so that no other run shares a CreateTime with this one.
 */
export async function kept(client: Client, script: Sent) {
  const { first, sent, unanswered, since, people = citizens } = script;
  const { rows } = await client.query<{ openid: string; sent: number; dedupe: string; status: string }>(
    `SELECT openid, extract(epoch FROM sent_at)::float8 AS sent, dedupe, status FROM inbox
      WHERE sent_at >= to_timestamp($1) AND sent_at < to_timestamp($2)`,
    [since + first / people, since + Math.ceil((first + sent) / people)],
  );
  const stored = new Map(rows.map((row) => [`${row.openid}/${row.sent}`, row]));
  const refused = new Set(unanswered);
  const missing: number[] = [];
  for (let n = first; n < first + sent; n++) {
    const { openid, createTime, msgId } = message(n, script);
    const row = stored.get(`${openid}/${createTime}`);
    const right = row?.status === 'answered' && (msgId === '' || row.dedupe === `m:${msgId}`);
    if (!right && !refused.has(n)) missing.push(n);
  }
  return { answered: sent - unanswered.length, rows: rows.length, missing, doubled: rows.length - stored.size };
}

/** Chats that did not move on by exactly one for each of their messages: a message ran twice, or was lost. */
export async function chatsOutOfStep(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n
       FROM (SELECT account_id, openid, count(*) AS messages FROM inbox GROUP BY 1, 2) i
       FULL JOIN sessions s USING (account_id, openid)
      WHERE s.version IS DISTINCT FROM i.messages`,
  );
  return rows[0]!.n;
}
