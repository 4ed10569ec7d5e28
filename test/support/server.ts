import { randomBytes } from 'node:crypto';
import { readConfig } from '../../src/config';
import type { Service } from '../../src/dialogue/service';
import { type Running, startServer } from '../../src/server';
import { cloneDatabase, templates } from './database';

export type ChatAnswer = {
  status: number;
  ms: number;
  replies: { type: string; content?: string; [part: string]: unknown }[];
};

export type TestServer = Running & {
  /** Acts as a citizen on the simulated phone, see docs of /simulator/chats. */
  act(openid: string, act: object, account?: string): Promise<ChatAnswer>;
  /** The texts of the replies to what a citizen says. */
  say(openid: string, text: string, account?: string): Promise<string[]>;
  databaseUrl: string;
};

type Options = {
  env?: Record<string, string>;
  services?: Service[] /** of another server, to share it */;
  databaseUrl?: string;
};

export const usualEnv = { PORT: '0', LOG_LEVEL: 'error', SIMULATOR: 'on', DEMO_PASSWORD: 'weiban-demo' };
/** Settings that leave no trace in what the first start stores. */
const asUsual = new Set(['LOG_LEVEL', 'REDIS_URL', 'ROLES']);

/** For another process on the same database. */
export const testSecretKey = 'a key for tests only, 32 characters long';

/** The whole server on a database of its own and a free port, with the simulator. */
export async function startTestServer({ env = {}, services, databaseUrl }: Options = {}): Promise<TestServer> {
  // The demo data takes a second or two: made once for all who would make the same.
  const usual = !services && Object.keys(env).every((name) => asUsual.has(name));
  const database = databaseUrl
    ? { url: databaseUrl, drop: async () => {} }
    : await cloneDatabase(usual ? templates.started : templates.migrated);
  const config = readConfig({ ...usualEnv, ...env });
  const running = await startServer({ ...config, databaseUrl: database.url, secretKey: testSecretKey }, services);
  const account = config.firstAccount.key;
  const act: TestServer['act'] = async (openid, what, key = account) => {
    const response = await fetch(`${running.url}/simulator/chats/${key}/${openid}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(what),
    });
    if (!response.ok) throw new Error(`simulator: ${response.status} ${await response.text()}`);
    return (await response.json()) as ChatAnswer;
  };
  return {
    ...running,
    databaseUrl: database.url,
    act,
    say: async (openid, text, key) =>
      (await act(openid, { text }, key)).replies.map(({ content, type }) => content ?? `[${type}]`),
    stop: async () => {
      await running.stop();
      await database.drop();
    },
  };
}

/** An openid that no other test uses. */
export const anyone = () => `o${randomBytes(13).toString('hex')}`;
