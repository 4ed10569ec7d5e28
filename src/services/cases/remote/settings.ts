import { z } from 'zod';
import type { Settings } from '../../../platform/settings';

export const remoteKey = 'cases.remote';

/** How we treat the back ends of offices. */
export const remoteContract = z.strictObject({
  /** an answer this old is given again without asking */
  freshSeconds: z.int().min(0).max(600).default(20),
  /** and this old when nobody answers, with its time */
  standInHours: z.int().min(0).max(720).default(72),
  /** after five failures in a row nobody asks for so long */
  pauseSeconds: z.int().min(1).max(600).default(15),
  /** how often a case that somebody follows is looked at again */
  pollMinutes: z.int().min(1).max(1440).default(30),
  /** of one source, all processes together */
  pollsPerMinute: z.int().min(1).max(600).default(30),
  /** `host:port` that may be this machine, the link or a cloud's metadata */
  localHosts: z.array(z.string().regex(/^[^/\s]+:\d{1,5}$/, '应为 主机:端口')).default([]),
});

export const remoteSettings = (settings: Settings) => remoteContract.parse(settings.get(remoteKey, {}));

export const isLocalHost = (url: URL, settings: Settings): boolean => {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return remoteSettings(settings).localHosts.includes(`${url.hostname}:${port}`);
};
