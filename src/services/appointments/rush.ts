import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import { UserError } from '../../platform/errors';
import type { Settings } from '../../platform/settings';

export const rushKey = 'appointments.rush';

const count = (most: number) => z.number().int().min(1).max(most);

/** What a release stands: a city sets its own, and what it leaves out is the default. */
export const rushContract = z.strictObject({
  perSecond: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .describe('同一位医生或窗口，一个进程一秒内最多直接办理几个，超过就排队；0 为都排队'),
  linesPerPerson: count(20).describe('一个人最多同时排几处'),
  linesPerCitizen: count(50).describe('一个微信号（为自己和家人）最多同时排几处'),
  citizenPerMinute: count(1000).describe('一个微信号一分钟最多申请几次'),
  addressPerMinute: count(100_000).describe('一个网络地址一分钟最多申请几次；同一处上网的人往往共用一个地址'),
});
export type RushPolicy = z.infer<typeof rushContract>;

export const defaultRushPolicy: RushPolicy = {
  perSecond: 5,
  linesPerPerson: 3,
  linesPerCitizen: 5,
  citizenPerMinute: 20,
  addressPerMinute: 300,
};

type Deps = Pick<ServiceDeps, 'settings' | 'clock' | 'cache'>;

export const rushPolicy = ({ settings }: Pick<ServiceDeps, 'settings'>): RushPolicy => ({
  ...defaultRushPolicy,
  ...settings.get<Partial<RushPolicy>>(rushKey, {}),
});

/** Whether more ask for this doctor or window just now than this process answers at once. Every call counts as one who asks. */
export function isCrowded(resourceId: number, deps: Deps): boolean {
  const asking = askingNow(deps.settings);
  const second = Math.floor(deps.clock.millis() / 1000);
  if (asking.second !== second) {
    asking.second = second;
    asking.counts.clear();
  }
  const counted = (asking.counts.get(resourceId) ?? 0) + 1;
  asking.counts.set(resourceId, counted);
  return counted > rushPolicy(deps).perSecond;
}

/**
 * Counts one request of a citizen, and of the address it came from where there is one. Without Redis each process counts for itself.
 * @throws UserError 429 for who asks too often
 */
export async function checkSource(
  { openid, address }: { openid: string; address?: string },
  deps: Deps,
): Promise<void> {
  const { citizenPerMinute, addressPerMinute } = rushPolicy(deps);
  const limit = (source: string, points: number) => ({ name: `appointments-${source}`, points, seconds: 60 });
  const waits = await Promise.all([
    deps.cache.consume(limit('citizen', citizenPerMinute), openid),
    address === undefined ? 0 : deps.cache.consume(limit('address', addressPerMinute), address),
  ]);
  const wait = Math.max(...waits);
  if (wait > 0) throw new UserError(429, 'too-often', `申请太频繁，请 ${wait} 秒后再试`);
}

type Asking = { second: number; counts: Map<number, number> };
/** Of each server of this process. */
const all = new WeakMap<Settings, Asking>();
function askingNow(settings: Settings): Asking {
  const known = all.get(settings) ?? { second: 0, counts: new Map() };
  all.set(settings, known);
  return known;
}
