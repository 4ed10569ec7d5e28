import path from 'node:path';
import type { Config } from './config';
import { createDelivery } from './delivery/delivery';
import { readTextFiles } from './delivery/text-files';
import { openTexts } from './delivery/texts';
import { createDialogue } from './dialogue/answer';
import { openAutoReplies } from './dialogue/auto-replies';
import { gather } from './dialogue/contributions';
import { flowTexts } from './dialogue/flow-texts';
import { createInbox } from './dialogue/inbox/inbox';
import { install } from './dialogue/installed';
import { keysOf, readMenu } from './dialogue/menu';
import type { Service, ServiceDeps } from './dialogue/service';
import { type Account, type Accounts, openAccounts } from './people/accounts';
import type { SmsSender } from './people/identity/phone-codes';
import { createNotify } from './people/notifications';
import { openSignOuts } from './people/sign-outs';
import { openCache } from './platform/cache';
import { createClock } from './platform/clock';
import { openDatabase, type Queryable } from './platform/database';
import { openEvents } from './platform/events';
import { createFieldEncryption } from './platform/field-encryption';
import { createFiles } from './platform/files/files';
import { createLive } from './platform/live';
import { createLog } from './platform/log';
import { createMetrics } from './platform/metrics';
import { projectRoot } from './platform/project-root';
import { openSettings } from './platform/settings';
import { advanceClock, followSharedClock } from './platform/shared-clock';
import { createSmsGateway } from './platform/sms-gateway';
import { loadServices } from './services/loader';
import { createSimulator, type SimulatedAccount } from './simulator';
import { createWechatClient } from './wechat/client';
import { platformHosts } from './wechat/client/hosts';

/** Settings completed: where the database is and what encrypts is known by now. */
export type Settled = Config & {
  databaseUrl: string;
  secretKey: string /** this very server, from this machine */;
  ownUrl: string;
};

/** Everything that is given to everyone, built once a process. The database is migrated by then. */
export async function buildDeps(config: Settled, services: Service[] = loadServices()) {
  // Faults of the parts first, before anything is opened.
  const menu = readMenu(inTemplates('menu.yaml'), new Set(services.map(({ key }) => key)), config.publicUrl);
  const installed = install(services, keysOf(menu));
  const log = createLog(config.logLevel, !config.production && process.stdout.isTTY);
  const clock = createClock();
  const metrics = createMetrics();
  const encryption = createFieldEncryption(config.secretKey);
  const db = await openDatabase(config.databaseUrl, log);
  const events = await openEvents(config.databaseUrl, db, log);
  if (config.simulator) await followSharedClock({ db, events, clock });
  const cache = await openCache(config.redisUrl, log, config.production ? 'info' : 'debug');
  const settings = await openSettings({ db, events, clock });
  const accounts = await openAccounts({ db, events, encryption, clock });
  const signOuts = await openSignOuts({ db, events, encryption, clock });
  const live = createLive({ db, events, clock });
  const notify = createNotify({ clock, live });
  const files = createFiles({ db, clock });
  const contributed = gather(services);
  const onFate = async (on: Queryable, deliveryId: string) => {
    for (const tell of contributed.fate) await tell(on, deliveryId, { live });
  };
  const given = {
    config,
    log,
    clock,
    metrics,
    encryption,
    db,
    events,
    live,
    notify,
    files,
    cache,
    settings,
    accounts,
    signOuts,
  };
  const base = { ...given, onFate };

  const texts = await openTexts({
    ...base,
    files: [...readTextFiles(inTemplates('')), ...flowTexts(installed.flows())],
  });
  const wechat = createWechatClient({ ...base, hosts: platformHosts(config) });
  const delivery = createDelivery({ ...base, wechat: wechat.sending });

  const serviceDeps: ServiceDeps = {
    ...base,
    texts,
    delivery,
    fetchPicture: async (accountId, picture) => {
      const account = accounts.byId(accountId);
      if (!account) throw new Error(`account ${accountId} is disabled`);
      return wechat.fetchPicture(account, picture);
    },
    contributed,
    publicUrl: config.publicUrl,
  };
  const autoReplies = await openAutoReplies({ ...base, texts, file: inTemplates('autoreplies.yaml') });
  const dialogue = createDialogue({ installed, autoReplies, deps: serviceDeps });
  const inbox = createInbox({ ...base, texts, delivery }, dialogue);

  const simulator = config.simulator
    ? createSimulator({
        ...base,
        publicUrl: config.publicUrl,
        callbackBase: config.ownUrl,
        advance: (seconds) => advanceClock(seconds, base),
        accounts: {
          list: async () => accounts.list().map(simulated),
          byKey: async (key) => [accounts.byKey(key)].filter((one) => one !== undefined).map(simulated)[0],
        },
      })
    : undefined;

  const sms = simulator ? createSimulatedSms(simulator, accounts) : createSmsGateway(config.smsGateway);

  return {
    ...base,
    sms,
    texts,
    autoReplies,
    wechat,
    delivery,
    menu,
    installed,
    serviceDeps,
    inbox,
    simulator,
    close: async () => {
      await events.close();
      await cache.close();
      await db.close();
    },
  };
}

export type Deps = Awaited<ReturnType<typeof buildDeps>>;

/** Text messages that nobody pays for: they show on the simulated phone. */
function createSimulatedSms(simulator: ReturnType<typeof createSimulator>, accounts: Accounts): SmsSender {
  return {
    send: async ({ accountId, openid, text }) => {
      await simulator.showSms(accounts.byId(accountId)!.key, openid, text);
    },
  };
}

const inTemplates = (file: string) => path.join(projectRoot, 'templates', file);

/** An account as its owner entered it in the platform's console. */
function simulated({ key, title, appid, secret, originalId, mode, tokens, aesKeys }: Account): SimulatedAccount {
  return { key, title, appid, secret, originalId, mode, token: tokens[0]!, aesKey: aesKeys[0]! };
}
