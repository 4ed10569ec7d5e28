import pino from 'pino';
import { type Account, openAccounts } from '../../../src/people/accounts';
import { createClock } from '../../../src/platform/clock';
import { type Database, openDatabase } from '../../../src/platform/database';
import { openEvents } from '../../../src/platform/events';
import { createFieldEncryption } from '../../../src/platform/field-encryption';
import { createMetrics } from '../../../src/platform/metrics';
import { createWechatClient, type WechatClientDeps } from '../../../src/wechat/client';

export const secret = 'a-very-secret-app-secret';
const encryption = createFieldEncryption('k'.repeat(32));

/** What one process of ours has to call the platform with; several on one database are several processes. */
export async function startProcess(url: string, platform: string, options: Partial<WechatClientDeps> = {}) {
  const lines: string[] = [];
  const log = pino({ level: 'trace', base: undefined }, { write: (line: string) => void lines.push(line) });
  const db = await openDatabase(url, log);
  const events = await openEvents(url, db, log);
  const clock = createClock();
  const metrics = createMetrics();
  const accounts = await openAccounts({ db, events, encryption, clock });
  const hosts = { api: platform, open: platform, isPicture: () => false };
  const client = createWechatClient({
    db,
    events,
    encryption,
    clock,
    metrics,
    log,
    hosts,
    timeoutMs: 2000,
    ...options,
  });
  return {
    db,
    events,
    clock,
    metrics,
    accounts,
    client,
    log,
    lines,
    encryption,
    close: async () => {
      await events.close();
      await db.close();
    },
  };
}

export type OwnProcess = Awaited<ReturnType<typeof startProcess>>;

export async function addAccount({ db, accounts, clock }: OwnProcess, key = 'city'): Promise<Account> {
  await addOrganisation(db, clock.now());
  const [{ id: organisationId }] = (await db.query<{ id: number }>(
    `SELECT id FROM organisations WHERE key = 'test-city'`,
  )) as [{ id: number }];
  await accounts.add({
    key,
    title: '示例市',
    organisationId,
    appid: `wx-${key}`,
    originalId: `gh_${key}`,
    mode: 'plain',
    secret,
    token: 'callback-token',
    aesKey: 'a'.repeat(43),
  });
  await accounts.reload();
  return accounts.byKey(key)!;
}

async function addOrganisation(db: Database, at: Date) {
  await db.query(
    `INSERT INTO organisations (key, path, kind, title, created_at) VALUES ('test-city', '/test/', 'city', '示例市', $1) ON CONFLICT DO NOTHING`,
    [at],
  );
}
