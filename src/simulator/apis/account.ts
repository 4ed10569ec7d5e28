import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ok, PlatformError } from '../errcode';
import { clearQuotas, spendMonthly } from '../quota';
import { type Api, read } from './api';

export const accountApis: Record<string, Api> = {
  'cgi-bin/clear_quota': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const { appid } = read(call, z.object({ appid: z.string() }));
      if (appid !== call.account.appid) throw new PlatformError(40013);
      await spendMonthly(call.sim, call.account.key, 'clear_quota', 10, 48006);
      await clearQuotas(call.sim, call.account.key);
      return { json: ok };
    },
  },
  'cgi-bin/getcallbackip': {
    method: 'any',
    daily: 10_000,
    run: async () => ({ json: { ip_list: ['127.0.0.1', '::1'] } }),
  },
  'cgi-bin/get_api_domain_ip': {
    method: 'any',
    daily: 10_000,
    run: async () => ({ json: { ip_list: ['127.0.0.1'] } }),
  },
  'cgi-bin/ticket/getticket': {
    method: 'any',
    daily: 1_000_000,
    async run({ sim, account, query }) {
      const type = query.get('type') ?? '';
      if (type !== 'jsapi' && type !== 'wx_card') throw new PlatformError(40097);
      const now = sim.clock.now();
      const [kept] = await sim.db.query<{ ticket: string; expires_at: Date }>(
        'SELECT ticket, expires_at FROM simulator.tickets WHERE account = $1 AND type = $2 AND expires_at > $3 ORDER BY expires_at DESC LIMIT 1',
        [account.key, type, now],
      );
      if (kept) return { json: { ...ok, ticket: kept.ticket, expires_in: secondsBetween(now, kept.expires_at) } };
      const ticket = `demo-ticket-${randomBytes(48).toString('base64url')}`;
      const end = new Date(now.getTime() + 7200_000);
      await sim.db.query('INSERT INTO simulator.tickets (ticket, account, type, expires_at) VALUES ($1, $2, $3, $4)', [
        ticket,
        account.key,
        type,
        end,
      ]);
      return { json: { ...ok, ticket, expires_in: 7200 } };
    },
  },
};

const secondsBetween = (from: Date, to: Date) => Math.ceil((to.getTime() - from.getTime()) / 1000);
