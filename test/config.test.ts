import path from 'node:path';
import { demoValuesOf, readConfig } from '../src/config';
import { StartupError } from '../src/platform/startup-error';
import { startServer } from '../src/server';
import { cloneDatabase } from './support/database';

const key = 'k'.repeat(32);

function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe('配置有误：');
    return lines;
  }
  return [];
}

test('with nothing set: a server for this machine alone, with the simulator', () => {
  expect(readConfig({})).toEqual({
    production: false,
    port: 3000,
    host: '127.0.0.1',
    exposed: false,
    dataDir: path.resolve('.data'),
    databaseUrl: undefined,
    redisUrl: undefined,
    logLevel: 'info',
    publicUrl: 'http://127.0.0.1:3000',
    web: true,
    worker: true,
    simulator: true,
    secretKey: undefined,
    firstAccount: {
      key: 'demo',
      appid: 'wxdemo000000000001',
      secret: 'demo-secret',
      token: 'weiban-demo-token',
      aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
      mode: 'plain',
      originalId: 'gh_demo00000001',
    },
    wechatApiUrl: undefined,
    demoPassword: 'weiban-demo',
  });
});

test('a variable that is set to nothing is not set', () => {
  const nothing = {
    PORT: '',
    DATABASE_URL: '',
    REDIS_URL: '',
    SIMULATOR: '',
    SECRET_KEY: '',
    PUBLIC_URL: '',
    ROLES: '',
  };
  expect(readConfig(nothing)).toEqual(readConfig({}));
});

const faulty: [string, string][] = [
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['PORT', '80.5'],
  ['PORT', '-1'],
  ['DATABASE_URL', 'mysql://127.0.0.1/weiban'],
  ['DATABASE_URL', 'weiban'],
  ['REDIS_URL', 'http://127.0.0.1:6379'],
  ['LOG_LEVEL', 'loud'],
  ['PUBLIC_URL', 'wx.example.com'],
  ['PUBLIC_URL', 'ftp://wx.example.com'],
  ['ROLES', 'web,cron'],
  ['ROLES', ' , '],
  ['SIMULATOR', 'yes'],
  ['SECRET_KEY', 'short'],
  ['WECHAT_ACCOUNT', 'Demo Account'],
  ['WECHAT_TOKEN', 'xy'],
  ['WECHAT_AES_KEY', 'a'.repeat(42)],
  ['WECHAT_MODE', 'secure'],
  ['WECHAT_API_URL', 'api.weixin.qq.com'],
  ['SMS_URL', 'sms.example.com'],
  ['DEMO_PASSWORD', '1234'],
];

test.each(faulty)('%s=%s is a fault that names the variable, in one line', (name, value) => {
  const faults = faultsOf({ [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^  ${name}(?:\\.\\d+)?：[^：]*\\p{Script=Han}`, 'u'));
  // A secret that is wrong is still a secret.
  if (/SECRET|PASSWORD|TOKEN|KEY/.test(name)) expect(faults[0]).not.toContain(value);
});

test('all faults are named at once, those of production with the others', () => {
  const wrong = { PORT: 'x', DATABASE_URL: 'x', REDIS_URL: 'x', WECHAT_MODE: 'x', DEMO_PASSWORD: 'x' };
  const named = faultsOf({ NODE_ENV: 'production', SIMULATOR: 'on', ...wrong }).map((line) => /\w+/.exec(line)?.[0]);
  expect(named.sort()).toEqual([...Object.keys(wrong), 'SECRET_KEY', 'SIMULATOR'].sort());
});

describe('in production', () => {
  const production = { NODE_ENV: 'production', SECRET_KEY: key };

  test('the simulator is off, and a key is all that is needed', () => {
    expect(readConfig(production)).toMatchObject({ production: true, simulator: false, secretKey: key });
    expect(readConfig({ ...production, SIMULATOR: 'off' }).simulator).toBe(false);
  });

  test('the simulator cannot be switched on, on any host', () => {
    for (const HOST of ['127.0.0.1', '0.0.0.0'])
      expect(faultsOf({ ...production, HOST, SIMULATOR: 'on' })).toEqual(['  SIMULATOR：生产环境不能打开模拟器']);
  });

  test('there is no key by default', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual([expect.stringMatching(/^ {2}SECRET_KEY：生产环境必须设置/)]);
  });
});

describe('the demo account, which everyone knows', () => {
  const own = {
    WECHAT_APPID: 'wx1234567890abcdef',
    WECHAT_SECRET: 'own-secret-0123456789',
    WECHAT_TOKEN: 'OwnToken01',
    WECHAT_AES_KEY: 'Q7rT2mZx9Lw4KpV8sYc1NdGf6HjB3aEuRi5OtMqSzXb',
    WECHAT_ORIGINAL_ID: 'gh_1234567890ab',
  };
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  beforeEach(async () => {
    database = await cloneDatabase();
  });
  afterEach(() => database.drop());

  /** What the start said when it refused; '' when it served. */
  async function start(env: Record<string, string>): Promise<string> {
    const config = readConfig({ PORT: '0', LOG_LEVEL: 'silent', ROLES: 'web', SECRET_KEY: key, ...env });
    try {
      const running = await startServer({ ...config, databaseUrl: database.url, secretKey: key }, []);
      await running.stop();
      return '';
    } catch (error) {
      expect(error).toBeInstanceOf(StartupError);
      return (error as Error).message;
    }
  }

  test('is not stored in production: one line names each variable that is still to be set', async () => {
    const production = { NODE_ENV: 'production' };
    const none = await start(production);
    for (const name of Object.keys(own)) expect(none).toContain(name);
    expect(none).not.toContain('\n');
    const some = await start({ ...production, ...own, WECHAT_TOKEN: '', WECHAT_AES_KEY: '' });
    expect(some).toMatch(/WECHAT_TOKEN、WECHAT_AES_KEY（/);
    expect(await start({ ...production, ...own })).toBe('');
    // Stored by now, so they need not be given again.
    expect(await start(production)).toBe('');
  });

  test('is not served in production either, where a demonstration has stored it', async () => {
    expect(await start({ SIMULATOR: 'on' })).toBe('');
    const told = await start({ NODE_ENV: 'production', WECHAT_ACCOUNT: 'city', ...own });
    expect(told).toMatch(/公众号 demo 用的是公开的演示凭据（WECHAT_SECRET、WECHAT_TOKEN、WECHAT_AES_KEY）/);
    for (const secret of Object.values(own)) expect(told).not.toContain(secret);
  });

  test('counts until a rotation away from it has ended', () => {
    const account = { appid: 'wx1', originalId: 'gh_1', secret: 'own-secret', aesKeys: [own.WECHAT_AES_KEY] };
    expect(demoValuesOf({ ...account, tokens: ['OwnToken01', 'weiban-demo-token'] })).toEqual(['WECHAT_TOKEN']);
    expect(demoValuesOf({ ...account, tokens: ['OwnToken01'] })).toEqual([]);
  });
});

describe('the simulator, which lets anyone act as any citizen', () => {
  test.each(['127.0.0.1', '::1', 'localhost'])('is on where only this machine comes: %s', (HOST) => {
    expect(readConfig({ HOST })).toMatchObject({ simulator: true, exposed: false });
  });

  test.each(['0.0.0.0', '::', '192.168.1.20', 'example.com'])('is off elsewhere unless it is said: %s', (HOST) => {
    expect(readConfig({ HOST })).toMatchObject({ simulator: false, exposed: true });
    expect(readConfig({ HOST, SIMULATOR: 'on' }).simulator).toBe(true);
  });

  test('can be switched off', () => {
    expect(readConfig({ SIMULATOR: 'off' }).simulator).toBe(false);
  });
});

test('roles', () => {
  expect(readConfig({ ROLES: 'worker' })).toMatchObject({ web: false, worker: true });
  expect(readConfig({ ROLES: ' web , worker ,' })).toMatchObject({ web: true, worker: true });
});

test('what phones reach: from HOST and PORT, or as it is said, without its last slash', () => {
  expect(readConfig({ HOST: '::1', PORT: '8080' }).publicUrl).toBe('http://[::1]:8080');
  expect(readConfig({ PUBLIC_URL: 'https://wx.example.com/city/' }).publicUrl).toBe('https://wx.example.com/city');
  expect(readConfig({ WECHAT_API_URL: 'https://proxy.example.com/' }).wechatApiUrl).toBe('https://proxy.example.com');
});

test('the key that Tencent generates is taken', () => {
  const aesKey = 'bWFkZS1mb3ItdGVzdHMtb25seS1rZXktb2YtMzItYjR';
  expect(readConfig({ WECHAT_AES_KEY: aesKey }).firstAccount.aesKey).toBe(aesKey);
});
