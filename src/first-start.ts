import { demoValuesOf } from './config';
import { addDemoStaff } from './console/demo-staff';
import type { Deps } from './deps';
import { menuOf } from './dialogue/menu';
import { ensureRootOrganisation } from './people/organisations';
import { UserError } from './platform/errors';
import { StartupError } from './platform/startup-error';

/** What a fresh database needs before it can serve: the root of the tree and the first account; demo data where the simulator is on. */
export async function prepareFirstStart(deps: Deps): Promise<void> {
  // Processes that start together on a fresh database take turns; the later ones find everything there.
  await deps.db.transaction(async (turn) => {
    await turn.query('SELECT pg_advisory_xact_lock(7269004)');
    await deps.accounts.reload();
    await prepare(deps);
  });
}

async function prepare(deps: Deps): Promise<void> {
  const { config, db, clock } = deps;
  const root = await ensureRootOrganisation(db, clock);
  if (config.production) await refuseDemoAccounts(deps);
  if (config.production && config.web && !config.smsGateway)
    deps.log.warn('SMS_URL is not set: no code reaches a phone, so no citizen can register or make an appointment');
  await storeFirstAccount(deps, root.id);
  if (!config.simulator) return;
  await addDemoStaff(deps, config.demoPassword);
  for (const service of deps.installed.services) await service.demo?.(deps.serviceDeps);
}

/**
 * With a token and a key that everyone knows, everyone could speak as WeChat does.
 * @throws StartupError where the demo's would be stored for the first account, or are stored for any
 */
async function refuseDemoAccounts({ accounts, config: { firstAccount } }: Deps): Promise<void> {
  const stored = accounts.list();
  if (stored.length === 0 && (await accounts.disabled()).length === 0) {
    const missing = demoValuesOf({ ...firstAccount, tokens: [firstAccount.token], aesKeys: [firstAccount.aesKey] });
    if (missing.length > 0)
      throw new StartupError(
        `生产环境的公众号不能用公开的演示凭据：请设置 ${missing.join('、')}（见 docs/going-live.md）`,
      );
  }
  for (const account of stored) {
    const known = demoValuesOf(account).filter((name) => secretOnes.has(name));
    if (known.length > 0)
      throw new StartupError(
        `库里的公众号 ${account.key} 用的是公开的演示凭据（${known.join('、')}）：生产环境请换一个新的数据库，并设置全部 WECHAT_*；` +
          '要保留这个库，先不带 NODE_ENV=production、以 SIMULATOR=off 启动，在工作台「更换凭据」并「结束轮换」',
      );
  }
}

const secretOnes = new Set(['WECHAT_SECRET', 'WECHAT_TOKEN', 'WECHAT_AES_KEY']);

async function storeFirstAccount({ accounts, config, log }: Deps, organisationId: number): Promise<void> {
  const { firstAccount } = config;
  const stored = accounts.byKey(firstAccount.key);
  if (!stored) {
    // With other accounts there, a name that is not is a typing error or a wish that the console fulfils.
    if (accounts.list().length > 0 || (await accounts.disabled()).length > 0)
      log.warn({ account: firstAccount.key }, 'WECHAT_ACCOUNT is not stored and others are: add it in the console');
    else
      await accounts.add({
        ...firstAccount,
        title: config.simulator ? '示例市政务服务' : firstAccount.key,
        organisationId,
      });
    await accounts.reload();
    return;
  }
  const differs =
    stored.appid !== firstAccount.appid ||
    stored.secret !== firstAccount.secret ||
    stored.tokens[0] !== firstAccount.token ||
    stored.aesKeys[0] !== firstAccount.aesKey ||
    stored.mode !== firstAccount.mode ||
    stored.originalId !== firstAccount.originalId;
  if (differs)
    log.warn(
      { account: stored.key },
      'WECHAT_* differ from the stored account, which is kept: change it in the console (公众号)',
    );
}

/**
 * Puts the default menu on accounts of the simulator that have none, and again where only its pages may be elsewhere now (another
 * PORT). On a real account an operator does: `npm run menu -- publish`.
 */
export async function publishDemoMenus({ config, accounts, wechat, menu, log }: Deps): Promise<void> {
  if (!config.simulator) return;
  for (const account of accounts.list()) {
    try {
      const current = await wechat.currentMenu(account);
      if (current === null || namesAndKeys(current) === namesAndKeys(menu))
        await wechat.publishMenu(account, menuOf(menu, account.key));
    } catch (error) {
      if (error instanceof UserError) throw error;
      log.warn({ err: error, account: account.key }, 'the menu could not be put on the simulator');
    }
  }
}

type Button = { name: string; key?: string; children?: Button[] };
const namesAndKeys = (buttons: Button[]): string =>
  JSON.stringify(buttons.map(({ name, key, children = [] }) => [name, key, namesAndKeys(children)]));
