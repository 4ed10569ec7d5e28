import { shanghai } from '../platform/clock';
import type { Queryable } from '../platform/database';

/** The account's yearly verification and its name, as the platform's events tell of them. */
export type AccountEvent =
  | {
      event: 'qualification_verify_success' | 'naming_verify_success' | 'annual_renew' | 'verify_expired';
      expiredTime: number;
    }
  | { event: 'qualification_verify_fail' | 'naming_verify_fail'; failTime: number; reason: string };

/** Keeps what an admin has to act on; what went well takes it away. */
export async function noteAccountEvent(on: Queryable, accountId: number, event: AccountEvent, at: Date): Promise<void> {
  const kind = event.event.startsWith('naming') ? 'naming' : 'verification';
  const message = wording(event);
  if (message === undefined) {
    await on.query('DELETE FROM account_notices WHERE account_id = $1 AND kind = $2', [accountId, kind]);
    return;
  }
  await on.query(
    `INSERT INTO account_notices (account_id, kind, message, at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id, kind) DO UPDATE SET message = excluded.message, at = excluded.at`,
    [accountId, kind, message, at],
  );
}

function wording(event: AccountEvent): string | undefined {
  switch (event.event) {
    case 'qualification_verify_success':
    case 'naming_verify_success':
      return undefined;
    case 'annual_renew':
      return `公众号该年审了，${day(event.expiredTime)}到期，请到公众平台办理`;
    case 'verify_expired':
      return `公众号认证已于${day(event.expiredTime)}过期，部分接口会停用，请到公众平台重新认证`;
    case 'qualification_verify_fail':
      return `资质认证没有通过：${event.reason || '微信没有说明原因'}`;
    case 'naming_verify_fail':
      return `名称认证没有通过：${event.reason || '微信没有说明原因'}`;
  }
}

const day = (seconds: number) => ` ${shanghai(new Date(seconds * 1000)).slice(0, 10)} `;
