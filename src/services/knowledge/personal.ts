import type { PersonalData } from '../../dialogue/privacy/personal-data';
import { shanghai } from '../../platform/clock';

/** Which entries a citizen has called of help. */
export const personal: PersonalData = {
  title: '有用的常见问答',
  async copy({ accountId, openid }, most, { db }) {
    const rows = await db.query<{ at: Date; entry_id: string }>(
      `SELECT at, entry_id::text FROM knowledge_helped WHERE account_id = $1 AND openid = $2 ORDER BY at DESC LIMIT $3`,
      [accountId, openid, most],
    );
    return rows.map(({ at, entry_id }) => ({ 时间: shanghai(at), 问答编号: entry_id }));
  },
  async erase(tx, { accountId, openid }, alias) {
    const rows = await tx.query(
      `WITH u AS (UPDATE knowledge_helped SET openid = $3 || ':' || entry_id WHERE account_id = $1 AND openid = $2 RETURNING 1 AS one)
       SELECT one FROM u`,
      [accountId, openid, alias],
    );
    return [{ title: '「解决了」的点击', erased: rows.length, kept: rows.length, why: '已与您脱离，只留计数' }];
  },
};
