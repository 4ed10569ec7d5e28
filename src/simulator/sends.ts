import { storable } from './messages';
import type { Simulator } from './types';

/** Keeps what the account called for one citizen and what it was told, for the phone's drawer. */
export async function recordSend(
  sim: Simulator,
  account: string,
  openid: string,
  api: string,
  request: unknown,
  response: string,
) {
  await sim.db.query(
    'INSERT INTO simulator.sends (account, openid, at, api, request, response) VALUES ($1, $2, $3, $4, $5, $6)',
    [account, openid, sim.clock.now(), api, storable(request), response],
  );
}

export async function listSends(
  { db }: Simulator,
  account: string,
  openid: string,
  page: { before?: number; limit: number },
) {
  const rows = await db.query<{ id: string; at: Date; api: string; request: object; response: object }>(
    `SELECT id, at, api, request, response FROM simulator.sends
     WHERE account = $1 AND openid = $2 AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [account, openid, page.before ?? null, page.limit],
  );
  return rows.map((row) => ({ ...row, id: Number(row.id), at: row.at.toISOString() }));
}
