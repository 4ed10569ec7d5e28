import type { PersonalData } from '../../dialogue/privacy/personal-data';
import { shanghai } from '../../platform/clock';

type Followed = { number: string; source: string; since: Date };

/** What a citizen follows. The cases themselves belong to the offices that handed them over. */
export const personal: PersonalData = {
  title: '订阅的办件',
  async copy({ accountId, openid }, most, { db }) {
    const rows = await db.query<Followed>(
      `SELECT f.number, s.title AS source, f.since FROM case_follows f JOIN case_sources s ON s.id = f.source_id
        WHERE f.account_id = $1 AND f.openid = $2 ORDER BY f.since DESC LIMIT $3`,
      [accountId, openid, most],
    );
    return rows.map(({ number, source, since }) => ({ 时间: shanghai(since), 编号: number, 单位: source }));
  },
  async erase(tx, { accountId, openid }) {
    const rows = await tx.query(
      `WITH d AS (DELETE FROM case_follows WHERE account_id = $1 AND openid = $2 RETURNING 1 AS one) SELECT one FROM d`,
      [accountId, openid],
    );
    await tx.query('DELETE FROM case_awaited WHERE account_id = $1 AND openid = $2', [accountId, openid]);
    return [{ title: '订阅的办件', erased: rows.length, kept: 0 }];
  },
  // Nobody acts for them any more, so nothing about them is told.
  async withdrawn(tx, { accountId, openid }, kind) {
    if (kind === 'identity' || kind === 'family')
      await tx.query('DELETE FROM case_follows WHERE account_id = $1 AND openid = $2 AND person_id IS NOT NULL', [
        accountId,
        openid,
      ]);
  },
};
