import { PlatformError } from './errcode';
import { orderedLimit } from './faults';
import type { Simulator } from './types';

/** Counts a call; over the day's quota it is refused. Days are Beijing's, as the platform resets at midnight there. */
export async function spendQuota(sim: Simulator, account: string, api: string, daily: number): Promise<void> {
  const limit = (await orderedLimit(sim, api, account)) ?? daily;
  if ((await count(sim, account, api, beijingDay(sim))) > limit) throw new PlatformError(45009);
}

/** A right that exists so often a month, such as clearing the quotas. */
export async function spendMonthly(sim: Simulator, account: string, api: string, monthly: number, errcode: number) {
  if ((await count(sim, account, `${api} a month`, beijingDay(sim).slice(0, 7))) > monthly)
    throw new PlatformError(errcode);
}

export async function clearQuotas(sim: Simulator, account: string): Promise<void> {
  await sim.db.query('DELETE FROM simulator.quotas WHERE account = $1 AND period = $2', [account, beijingDay(sim)]);
}

async function count(sim: Simulator, account: string, api: string, period: string): Promise<number> {
  const [row] = await sim.db.query<{ used: number }>(
    `INSERT INTO simulator.quotas AS q (account, api, period, used) VALUES ($1, $2, $3, 1)
     ON CONFLICT (account, api, period) DO UPDATE SET used = q.used + 1 RETURNING used`,
    [account, api, period],
  );
  return row!.used;
}

const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' });
const beijingDay = (sim: Simulator) => day.format(sim.clock.now());
