import type { ChatMessage, NewMessage, Simulator } from './types';

type Row = {
  id: string;
  account: string;
  openid: string;
  at: Date;
  sender: 'citizen' | 'account';
  via: string;
  type: string;
  body: object;
};

/** Puts a bubble into the chat and tells every open phone of it. */
export async function addMessage(
  sim: Simulator,
  account: string,
  openid: string,
  message: NewMessage,
): Promise<ChatMessage> {
  const [row] = await sim.db.query<Row>(
    `INSERT INTO simulator.messages (account, openid, at, sender, via, type, body) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *`,
    [account, openid, sim.clock.now(), message.from, message.via, message.type, storable(message.body)],
  );
  // Only its number travels: a notification holds 8,000 bytes, a message may be longer.
  await sim.events.publish('simulator', { kind: 'chat', account, openid, id: Number(row!.id) });
  return shown(row!);
}

/** The chat in the order of time: the last `limit` messages, or those before a given one. */
export async function listMessages(
  sim: Simulator,
  account: string,
  openid: string,
  page: { before?: number; limit: number },
) {
  const rows = await sim.db.query<Row>(
    `SELECT * FROM simulator.messages WHERE account = $1 AND openid = $2 AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [account, openid, page.before ?? null, page.limit],
  );
  return rows.reverse().map(shown);
}

export async function messagesAfter(sim: Simulator, account: string, openid: string | undefined, after: number) {
  const rows = await sim.db.query<Row>(
    `SELECT * FROM simulator.messages WHERE account = $1 AND ($2::text IS NULL OR openid = $2) AND id > $3 ORDER BY id LIMIT 200`,
    [account, openid ?? null, after],
  );
  return rows.map((row) => ({ openid: row.openid, message: shown(row) }));
}

export async function messageById(sim: Simulator, id: number): Promise<ChatMessage | undefined> {
  const [row] = await sim.db.query<Row>('SELECT * FROM simulator.messages WHERE id = $1', [id]);
  return row && shown(row);
}

export async function markRead(sim: Simulator, account: string, openid: string) {
  await sim.db.query(
    `UPDATE simulator.citizens SET read_to = coalesce((SELECT max(id) FROM simulator.messages WHERE account = $1 AND openid = $2), 0)
     WHERE account = $1 AND openid = $2`,
    [account, openid],
  );
}

function shown(row: Row): ChatMessage {
  return { id: Number(row.id), at: row.at.toISOString(), from: row.sender, via: row.via, type: row.type, ...row.body };
}

/** JSON that Postgres takes: neither U+0000 nor half of a surrogate pair. */
export function storable(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'string' ? storableText(part) : part));
}

export const storableText = (value: string) => value.replace(/\0|\p{Surrogate}/gu, '\ufffd');
