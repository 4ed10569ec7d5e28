import { z } from 'zod';
import { PlatformError } from '../errcode';
import { spendQuota } from '../quota';
import { accountBySecret, forcedToken, newPlainToken, stableToken } from '../tokens';
import type { Simulator } from '../types';
import { type Call, type JsonAnswer, read } from './api';

/** A call that is not signed with a token but with appid and secret; it counts its own quota once it knows the account. */
export type OpenApi = { method: 'GET' | 'POST' | 'any'; run(call: Omit<Call, 'account'>): Promise<JsonAnswer> };

const stableForm = z.object({
  grant_type: z.string(),
  appid: z.string(),
  secret: z.string(),
  force_refresh: z.boolean().optional(),
});

export const tokenApis: Record<string, OpenApi> = {
  'cgi-bin/token': {
    method: 'any',
    async run({ sim, query }) {
      if (query.get('grant_type') !== 'client_credential') throw new PlatformError(40002);
      const account = await accountBySecret(sim, query.get('appid'), query.get('secret'));
      await spendQuota(sim, account.key, 'token', 2000);
      return { json: await newPlainToken(sim, account.key) };
    },
  },
  'cgi-bin/stable_token': {
    method: 'POST',
    async run(call) {
      const form = read(call as Call, stableForm);
      if (form.grant_type !== 'client_credential') throw new PlatformError(40002);
      const account = await accountBySecret(call.sim, form.appid, form.secret);
      await spendQuota(call.sim, account.key, 'stable_token', 500_000);
      if (!form.force_refresh) return { json: await stableToken(call.sim, account.key) };
      return { json: await forced(call.sim, account.key) };
    },
  },
};

async function forced(sim: Simulator, account: string) {
  await spendQuota(sim, account, 'stable_token force_refresh', 20);
  return forcedToken(sim, account);
}
