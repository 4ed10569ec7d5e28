import type { Simulator } from '../types';

type Row = { openid: string; name: string; following: boolean; unread: number; at: Date | null };

/** The citizens of an account, whoever wrote last first, with what each has not read yet. */
export async function listCitizens({ db }: Simulator, account: string) {
  const rows = await db.query<Row>(
    `SELECT c.openid, c.name, c.following, last.at,
       (SELECT count(*)::int FROM simulator.messages m
        WHERE m.account = c.account AND m.openid = c.openid AND m.sender = 'account' AND m.id > c.read_to) AS unread
     FROM simulator.citizens c
     LEFT JOIN LATERAL (SELECT at FROM simulator.messages m WHERE m.account = c.account AND m.openid = c.openid
       ORDER BY id DESC LIMIT 1) last ON true
     WHERE c.account = $1 ORDER BY last.at DESC NULLS LAST, c.made_at DESC LIMIT 200`,
    [account],
  );
  return rows.map(({ at, ...citizen }) => ({ ...citizen, lastAt: at?.toISOString() ?? null }));
}
