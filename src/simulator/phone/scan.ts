import { randomBytes } from 'node:crypto';
import type { Actor } from './actor';
import { PhoneError } from './phone-error';

export type Scanned = { scene: string } | { ticket: string } | { result: string; key?: string };

type Code = { ticket: string; scene: string; expires_at: Date | null };

/** The scene of a code of this account. One that ran out cannot be scanned; a scene without a code is taken as printed long ago. */
export async function sceneOf({ sim, account }: Actor, scanned: { scene: string } | { ticket: string }) {
  const [column, value] = 'ticket' in scanned ? ['ticket', scanned.ticket] : ['scene', scanned.scene];
  const codes = await sim.db.query<Code>(
    `SELECT ticket, scene, expires_at FROM simulator.qr_codes WHERE account = $1 AND ${column} = $2 ORDER BY made_at DESC`,
    [account.key, value],
  );
  const now = sim.clock.now();
  const live = codes.find(({ expires_at }) => !expires_at || expires_at > now);
  if (live) return { scene: live.scene, ticket: live.ticket };
  if (codes.length > 0) throw new PhoneError(409, '二维码已过期');
  if ('ticket' in scanned) throw new PhoneError(404, '没有这个二维码');
  return { scene: scanned.scene, ticket: `gQ${randomBytes(69).toString('base64')}==` };
}
