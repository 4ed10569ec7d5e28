import type { Account } from '../../people/accounts';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database';
import type { Events } from '../../platform/events';
import type { Log } from '../../platform/log';
import type { WechatError } from './error';

/** Why an account cannot call the platform until an admin acts. */
export type AccountFault = { accountId: number; code: string; message: string; since: Date; lastAt: Date };

export type AccountFaults = ReturnType<typeof createAccountFaults>;

/** Faults of accounts for the admins to see, one each; gone once the account gets a token again. */
export function createAccountFaults({
  db,
  events,
  clock,
  log,
}: {
  db: Database;
  events: Events;
  clock: Clock;
  log: Log;
}) {
  return {
    async report(account: Account, error: WechatError): Promise<void> {
      const fresh = await db.query(
        `INSERT INTO account_faults AS f (account_id, code, message, since, last_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (account_id) DO UPDATE SET code = excluded.code, message = excluded.message, last_at = excluded.last_at,
           since = CASE WHEN f.code = excluded.code THEN f.since ELSE excluded.since END
         RETURNING since = last_at AS fresh`,
        [account.id, error.code, error.message, clock.now()],
      );
      if (!(fresh[0] as { fresh: boolean }).fresh) return;
      log.error(
        { account: account.key, code: error.code, reason: error.message },
        'this account cannot call WeChat until an admin acts',
      );
      await events.publish('account-fault', { accountId: account.id, code: error.code });
    },
    async clear(account: Account): Promise<void> {
      const [gone] = await db.query(
        'WITH gone AS (DELETE FROM account_faults WHERE account_id = $1 RETURNING 1) SELECT 1 AS one FROM gone',
        [account.id],
      );
      if (gone) await events.publish('account-fault', { accountId: account.id, code: null });
    },
    list: (accountIds: number[]): Promise<AccountFault[]> =>
      db.query<AccountFault>(
        `SELECT account_id AS "accountId", code, message, since, last_at AS "lastAt" FROM account_faults
         WHERE account_id = ANY ($1) ORDER BY account_id`,
        [accountIds],
      ),
  };
}
