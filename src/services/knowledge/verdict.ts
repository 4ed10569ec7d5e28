import type { Citizen } from '../../people/citizen';
import type { Queryable } from '../../platform/database';

/** 解决了 or 没解决, once each citizen: the last word counts. @returns false for what is not published */
export async function judge(
  on: Queryable,
  id: string,
  { accountId, openid, helped, at }: Citizen & { helped: boolean; at: Date },
): Promise<boolean> {
  const rows = await on.query(
    `INSERT INTO knowledge_helped (entry_id, account_id, openid, at, helped)
     SELECT entry_id, $2, $3, $4, $5 FROM knowledge_published WHERE entry_id = $1
     ON CONFLICT (entry_id, account_id, openid) DO UPDATE SET at = excluded.at, helped = excluded.helped RETURNING 1`,
    [id, accountId, openid, at, helped],
  );
  return rows.length > 0;
}

export async function verdictsOn(on: Queryable, id: string): Promise<{ solved: number; unsolved: number }> {
  const [counted] = await on.query<{ solved: number; unsolved: number }>(
    `SELECT (count(*) FILTER (WHERE helped))::int AS solved, (count(*) FILTER (WHERE NOT helped))::int AS unsolved
       FROM knowledge_helped WHERE entry_id = $1`,
    [id],
  );
  return counted!;
}
