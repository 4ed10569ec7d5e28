import { addDemoStaff } from './console/demo-staff';
import type { Deps } from './deps';
import { ensureRootOrganisation } from './people/organisations';
import { UserError } from './platform/errors';

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
  await storeFirstAccount(deps, root.id);
  if (!config.simulator) return;
  await addDemoStaff(deps, config.demoPassword);
  for (const service of deps.installed.services) await service.demo?.(deps.serviceDeps);
}

async function storeFirstAccount({ accounts, config, log }: Deps, organisationId: number): Promise<void> {
  const { firstAccount } = config;
  const stored = accounts.byKey(firstAccount.key);
  if (!stored) {
    // With other accounts there, a name that is not is a typing error or a wish that the console fulfils.
    if (accounts.list().length > 0)
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

/** Puts the default menu on accounts of the simulator that have none. On a real account an operator does: `npm run menu -- publish`. */
export async function publishDemoMenus({ config, accounts, wechat, menu, log }: Deps): Promise<void> {
  if (!config.simulator) return;
  for (const account of accounts.list()) {
    try {
      if ((await wechat.currentMenu(account)) === null) await wechat.publishMenu(account, menu);
    } catch (error) {
      if (error instanceof UserError) throw error;
      log.warn({ err: error, account: account.key }, 'the menu could not be put on the simulator');
    }
  }
}
