import type { Secrets } from '../../src/wechat/crypto';
import { prepareKey } from '../../src/wechat/crypto';

/** The account that all servers of the comparison are given. */
export const account = {
  key: 'bench',
  appid: 'wxbench00000000001',
  originalId: 'gh_bench0000001',
  secret: 'bench-secret',
  token: 'weiban-bench-token',
  aesKey: 'ForMeasuringOnly0123456789abcdefghijklmnopq',
};

export const callbackPath = `/wechat/${account.key}`;

export type Mode = 'plain' | 'safe';

export const secrets = (): Secrets => ({ token: account.token, key: prepareKey(account.aesKey) });
