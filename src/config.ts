import path from 'node:path';
import { z } from 'zod';
import { StartupError } from './platform/startup-error';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** The simulator's account. Everyone can read these, so in production an account must not have them. */
const demoAccount = {
  WECHAT_APPID: 'wxdemo000000000001',
  WECHAT_SECRET: 'demo-secret',
  WECHAT_TOKEN: 'weiban-demo-token',
  WECHAT_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  WECHAT_ORIGINAL_ID: 'gh_demo00000001',
};

const aPort = 'PORT 应为 0 到 65535 的整数';

const environment = z.object({
  NODE_ENV: z.string().default('development'),
  PORT: z.coerce.number(aPort).int(aPort).min(0, aPort).max(65535, aPort).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'DATABASE_URL 应形如 postgres://用户:密码@主机:5432/库名' })
    .optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'REDIS_URL 应形如 redis://主机:6379' }).optional(),
  LOG_LEVEL: z.enum(logLevels, `LOG_LEVEL 应为 ${logLevels.join('、')} 之一`).default('info'),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'PUBLIC_URL 应形如 https://wx.example.com' }).optional(),
  ROLES: z
    .string()
    .default('web,worker')
    .transform((list) =>
      list
        .split(',')
        .map((role) => role.trim())
        .filter(Boolean),
    )
    .pipe(
      z.array(z.enum(['web', 'worker'], 'ROLES 只能由 web 与 worker 组成，例如 web,worker')).min(1, 'ROLES 不能为空'),
    ),
  SIMULATOR: z
    .enum(['on', 'off'], 'SIMULATOR 应为 on 或 off')
    .transform((value) => value === 'on')
    .optional(),
  SECRET_KEY: z.string().min(32, 'SECRET_KEY 至少 32 个字符').optional(),
  WECHAT_ACCOUNT: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'WECHAT_ACCOUNT 只能用小写字母、数字和连字符')
    .default('demo'),
  WECHAT_APPID: z.string().min(1).default(demoAccount.WECHAT_APPID),
  WECHAT_SECRET: z.string().min(1).default(demoAccount.WECHAT_SECRET),
  WECHAT_TOKEN: z
    .string()
    .regex(/^.{3,32}$/, 'WECHAT_TOKEN 应为 3 到 32 个字符')
    .default(demoAccount.WECHAT_TOKEN),
  WECHAT_AES_KEY: z
    .string()
    .regex(/^[A-Za-z0-9]{43}$/, 'WECHAT_AES_KEY 应为 43 个字母或数字')
    .default(demoAccount.WECHAT_AES_KEY),
  WECHAT_MODE: z.enum(['plain', 'compat', 'safe'], 'WECHAT_MODE 应为 plain、compat 或 safe').default('plain'),
  WECHAT_ORIGINAL_ID: z.string().min(1).default(demoAccount.WECHAT_ORIGINAL_ID),
  WECHAT_API_URL: z.url({ protocol: /^https?$/, error: 'WECHAT_API_URL 应形如 https://api.weixin.qq.com' }).optional(),
  SMS_URL: z.url({ protocol: /^https?$/, error: 'SMS_URL 应形如 https://sms.example.com/send' }).optional(),
  SMS_TOKEN: z.string().min(1).optional(),
  DEMO_PASSWORD: z.string().min(8, 'DEMO_PASSWORD 至少 8 个字符').default('weiban-demo'),
});

/**
 * The settings, read once from the environment (docs/configuration.md lists them).
 * @throws StartupError that names every fault at once, one a line
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  const faults = [...(parsed.success ? [] : parsed.error.issues.map(tellFault)), ...productionFaults(given)];
  if (!parsed.success || faults.length > 0) throw new StartupError(`配置有误：\n${faults.join('\n')}`);
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  const local = loopback.has(values.HOST);
  const host = values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST;
  return {
    production,
    port: values.PORT,
    host: values.HOST,
    /** whether other machines can reach us */
    exposed: !local,
    dataDir: path.resolve(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    logLevel: values.LOG_LEVEL,
    publicUrl: (values.PUBLIC_URL ?? `http://${host}:${values.PORT}`).replace(/\/+$/, ''),
    web: values.ROLES.includes('web'),
    worker: values.ROLES.includes('worker'),
    simulator: !production && (values.SIMULATOR ?? local),
    secretKey: values.SECRET_KEY,
    firstAccount: {
      key: values.WECHAT_ACCOUNT,
      appid: values.WECHAT_APPID,
      secret: values.WECHAT_SECRET,
      token: values.WECHAT_TOKEN,
      aesKey: values.WECHAT_AES_KEY,
      mode: values.WECHAT_MODE,
      originalId: values.WECHAT_ORIGINAL_ID,
    },
    wechatApiUrl: values.WECHAT_API_URL?.replace(/\/+$/, ''),
    smsGateway: values.SMS_URL ? { url: values.SMS_URL, token: values.SMS_TOKEN } : undefined,
    demoPassword: values.DEMO_PASSWORD,
  };
}

export type Config = ReturnType<typeof readConfig>;

type Credentials = { appid: string; originalId: string; secret: string; tokens: string[]; aesKeys: string[] };

/** The variables of the account's whose value is the demo's, known to everyone. */
export function demoValuesOf({ appid, originalId, secret, tokens, aesKeys }: Credentials): string[] {
  const held = {
    WECHAT_APPID: [appid],
    WECHAT_SECRET: [secret],
    WECHAT_TOKEN: tokens,
    WECHAT_AES_KEY: aesKeys,
    WECHAT_ORIGINAL_ID: [originalId],
  };
  return Object.entries(demoAccount).flatMap(([name, value]) =>
    held[name as keyof typeof held].includes(value) ? [name] : [],
  );
}

function productionFaults({ NODE_ENV, SECRET_KEY, SIMULATOR }: NodeJS.ProcessEnv): string[] {
  if (NODE_ENV !== 'production') return [];
  return [
    ...(SECRET_KEY ? [] : ['  SECRET_KEY：生产环境必须设置（至少 32 个字符，例如 openssl rand -hex 32 的输出）']),
    ...(SIMULATOR === 'on' ? ['  SIMULATOR：生产环境不能打开模拟器'] : []),
  ];
}

function tellFault(issue: z.core.$ZodIssue): string {
  return `  ${issue.path.join('.') || '环境变量'}：${issue.message}`;
}
