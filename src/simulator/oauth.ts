import { randomBytes } from 'node:crypto';
import type { OpenApi } from './apis/token';
import { PlatformError } from './errcode';
import { accountBySecret } from './tokens';
import type { Simulator } from './types';

const codeSeconds = 300;

/** A code for the page: good once, for five minutes. */
export async function issueCode(sim: Simulator, account: string, openid: string, scope: string): Promise<string> {
  const code = randomBytes(24).toString('base64url');
  await sim.db.query(
    'INSERT INTO simulator.oauth_codes (code, account, openid, scope, made_at) VALUES ($1, $2, $3, $4, $5)',
    [code, account, openid, scope, sim.clock.now()],
  );
  return code;
}

type Grant = { account: string; openid: string; scope: string };

/** WeChat labels the answers under `sns/` as plain text. */
export const oauthApis: Record<string, OpenApi> = {
  'sns/oauth2/access_token': {
    method: 'any',
    async run({ sim, query }) {
      const account = await accountBySecret(sim, query.get('appid'), query.get('secret'));
      if (query.get('grant_type') !== 'authorization_code') throw new PlatformError(40002);
      const code = query.get('code');
      if (!code) throw new PlatformError(41008);
      return { json: await grantToken(sim, await redeem(sim, account.key, code)), textPlain: true };
    },
  },
  'sns/oauth2/refresh_token': {
    method: 'any',
    async run({ sim, query }) {
      const [grant] = await sim.db.query<Grant>(
        'SELECT account, openid, scope FROM simulator.oauth_tokens WHERE refresh_token = $1',
        [query.get('refresh_token') ?? ''],
      );
      const account = grant && (await sim.accounts.byKey(grant.account));
      if (account?.appid !== query.get('appid')) throw new PlatformError(40030);
      return { json: await grantToken(sim, grant!), textPlain: true };
    },
  },
  'sns/jscode2session': {
    method: 'any',
    async run({ sim, query }) {
      const account = await accountBySecret(sim, query.get('appid'), query.get('secret'));
      if (query.get('grant_type') !== 'authorization_code') throw new PlatformError(40002);
      const code = query.get('js_code');
      if (!code) throw new PlatformError(41008);
      const { openid } = await redeem(sim, account.key, code);
      return { json: { session_key: randomBytes(16).toString('base64'), openid }, textPlain: true };
    },
  },
  'sns/auth': {
    method: 'any',
    async run({ sim, query }) {
      await grantOf(sim, query);
      return { json: { errcode: 0, errmsg: 'ok' }, textPlain: true };
    },
  },
  'sns/userinfo': {
    method: 'any',
    async run({ sim, query }) {
      const grant = await grantOf(sim, query);
      if (grant.scope !== 'snsapi_userinfo') throw new PlatformError(48001);
      const nothing = { sex: 0, language: '', city: '', province: '', country: '', headimgurl: '', privilege: [] };
      return { json: { openid: grant.openid, nickname: '微信用户', ...nothing }, textPlain: true };
    },
  },
};

/** Of two that come with the same code at the same time one gets the citizen, the other 40163. */
async function redeem(sim: Simulator, account: string, code: string): Promise<Grant> {
  const now = sim.clock.now();
  const [grant] = await sim.db.query<Grant>(
    `WITH used AS (
       UPDATE simulator.oauth_codes SET used_at = $3 WHERE code = $1 AND account = $2 AND used_at IS NULL AND made_at > $4
       RETURNING account, openid, scope)
     SELECT * FROM used`,
    [code, account, now, new Date(now.getTime() - codeSeconds * 1000)],
  );
  if (grant) return grant;
  const used = await sim.db.query(
    'SELECT code FROM simulator.oauth_codes WHERE code = $1 AND account = $2 AND used_at IS NOT NULL',
    [code, account],
  );
  throw new PlatformError(used.length > 0 ? 40163 : 40029);
}

async function grantToken(sim: Simulator, { account, openid, scope }: Grant) {
  const [access_token, refresh_token] = [randomBytes(64).toString('base64url'), randomBytes(64).toString('base64url')];
  await sim.db.query(
    'INSERT INTO simulator.oauth_tokens (token, refresh_token, account, openid, scope, expires_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [access_token, refresh_token, account, openid, scope, new Date(sim.clock.now().getTime() + 7200_000)],
  );
  return { access_token, expires_in: 7200, refresh_token, openid, scope };
}

async function grantOf(sim: Simulator, query: URLSearchParams): Promise<Grant> {
  const [grant] = await sim.db.query<Grant & { expires_at: Date }>(
    'SELECT * FROM simulator.oauth_tokens WHERE token = $1',
    [query.get('access_token') ?? ''],
  );
  if (!grant) throw new PlatformError(40001);
  if (grant.expires_at <= sim.clock.now()) throw new PlatformError(42001);
  if (grant.openid !== query.get('openid')) throw new PlatformError(40003);
  return grant;
}
