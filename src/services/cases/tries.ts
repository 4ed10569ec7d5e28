import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { shanghai } from '../../platform/clock';
import { UserError } from '../../platform/errors';

export const limitsKey = 'cases.limits';

const count = z.int().min(1).max(100_000);
/** Look-ups by number that found nothing, in a day. */
export const limitsContract = z.strictObject({
  citizen: count.default(10).describe('每位市民'),
  number: count.default(10).describe('每个编号，不论是谁来查'),
  address: count.default(100).describe('每个网络地址（网页）'),
});

export const tooMany = '今天查不到的次数太多了，请明天再试；实名之后可以在「我的办件」里直接看自己的';

export type Asking = { citizen: Citizen; number: string /** of the network, where there is one */; address?: string };

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'settings'>;

/**
 * Counts a look-up before it is made, so that many at once do not slip through; one that finds something is given back. Numbers are
 * counted whether there is such a case or not.
 * @returns how to give it back @throws UserError 429
 */
export async function admitLookUp({ citizen, number, address }: Asking, { db, clock, settings }: Deps) {
  const limits = limitsContract.parse(settings.get(limitsKey, {}));
  const [day = ''] = shanghai(clock.now()).split(' ');
  const most = new Map([
    [`citizen:${citizen.accountId}:${citizen.openid}`, limits.citizen],
    [`number:${number}`, limits.number],
    ...(address ? [[`address:${address}`, limits.address] as const] : []),
  ]);
  // Sorted, so that two cannot wait for each other's rows.
  const whos = [...most.keys()].sort();
  const counted = await db.query<{ who: string; tries: number }>(
    `INSERT INTO case_tries AS t (day, who, tries) SELECT $1, who, 1 FROM unnest($2::text[]) AS who
     ON CONFLICT (day, who) DO UPDATE SET tries = t.tries + 1 RETURNING who, tries`,
    [day, whos],
  );
  const giveBack = async () => {
    await db.query('UPDATE case_tries SET tries = tries - 1 WHERE day = $1 AND who = ANY ($2)', [day, whos]);
  };
  const over = counted.filter(({ who, tries }) => tries > most.get(who)!);
  if (over.length > 0) {
    // What was not looked up counts for nobody: a citizen who is shut out must not shut others out by number.
    await giveBack();
    throw new UserError(429, 'too-many-tries', tooMany);
  }
  return giveBack;
}

/** Yesterday's count for nothing. */
export async function forgetTries({ db, clock }: Pick<Deps, 'db' | 'clock'>): Promise<void> {
  const [day = ''] = shanghai(clock.now()).split(' ');
  await db.query('DELETE FROM case_tries WHERE day < $1', [day]);
}
