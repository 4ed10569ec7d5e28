import type { ConsoleDeps, ConsoleMenus, ConsoleWechat, MenuButton as ShownButton, TestStep } from './console/deps';
import type { Deps } from './deps';
import { type KeyTitles, keyTitles } from './dialogue/key-titles';
import { menuOf, ownKeys, type MenuButton as PlannedButton } from './dialogue/menu';
import { createScenes } from './dialogue/scenes';
import type { H5Deps } from './h5';
import { checkHealth } from './health';
import type { Account, Accounts } from './people/accounts';
import { notFound, UserError } from './platform/errors';
import type { WechatClient } from './wechat/client';
import { WechatError } from './wechat/client';
import type { MenuButton } from './wechat/menu';

/** What the console is given: its ports to rooms that it may not enter are filled here. */
export function consoleDeps(deps: Deps): ConsoleDeps {
  const titles = keyTitles(deps);
  return {
    ...deps,
    titles,
    scenes: createScenes({ ...deps, titles }),
    wechat: consoleWechat(deps),
    menus: consoleMenus(deps, titles),
    heldBy: async (tx, organisationId) => {
      const held = [];
      for (const ask of deps.serviceDeps.contributed.held) held.push(await ask(tx, organisationId));
      return held.filter((words) => words !== undefined);
    },
    keyTargets: async (paths) => {
      const found = [];
      for (const { key: service, title: serviceTitle, keyTargets } of deps.installed.services)
        for (const one of (await keyTargets?.(deps.db, paths)) ?? []) found.push({ ...one, service, serviceTitle });
      return found;
    },
    noticeKinds: deps.installed.services.flatMap(({ title: service, notices = {} }) =>
      Object.entries(notices).map(([kind, about]) => ({ kind, service, ...about })),
    ),
    health: () => checkHealth(deps),
  };
}

/** What citizens' pages are given. */
export function h5Deps(deps: Deps): H5Deps {
  const { wechat } = deps;
  return {
    ...deps,
    publicUrl: deps.config.publicUrl,
    wechat: {
      authorizeUrl: wechat.authorizeUrl,
      citizenOf: (account, code, client) =>
        refused(client === 'page' ? wechat.openidByCode(account, code) : wechat.openidByMiniProgramCode(account, code)),
      jsConfig: (account, url) => refused(wechat.jsConfig(account, url)),
    },
  };
}

/** A code that is none or was used is the caller's affair, to be had anew; everything else is ours. */
async function refused<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    if (error.code === '40029' || error.code === '40163')
      throw new UserError(409, 'code-refused', '微信授权已失效，请重新打开页面');
    throw new UserError(503, 'wechat-unavailable', '暂时连不上微信，请稍后再试');
  }
}

type Rooms = Pick<Deps, 'installed'> & { accounts: Accounts; wechat: WechatClient; menu: PlannedButton[] };

function consoleWechat({ accounts, wechat }: Rooms): ConsoleWechat {
  return {
    testAccount: async (accountId) => {
      const account = required(accounts, accountId);
      const token = await step('用 appid 和 secret 取得访问令牌', () => wechat.check(account));
      return { steps: token.ok ? [token, await step('读取自定义菜单', () => wechat.currentMenu(account))] : [token] };
    },
    createQrCode: (accountId, scene, seconds) =>
      accepted(wechat.createQrCode(required(accounts, accountId), scene, seconds)),
  };
}

function consoleMenus({ accounts, wechat, menu, installed }: Rooms, titles: KeyTitles): ConsoleMenus {
  // A key may name a service that is there, and yet nothing that it opens (any more).
  const opened = (key: string) => (installed.opening(key) || key in ownKeys ? titles.of(key) : undefined);
  const shown = shownWith(opened);
  return {
    planned: async (accountId) => menuOf(menu, required(accounts, accountId).key).map(shown),
    published: async (accountId) => (await wechat.currentMenu(required(accounts, accountId)))?.map(shown) ?? null,
    publish: async (accountId) => {
      const account = required(accounts, accountId);
      await accepted(wechat.publishMenu(account, menuOf(menu, account.key)));
    },
  };
}

/** @throws UserError with what the platform said when it refused */
async function accepted<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    throw new UserError(409, 'refused-by-wechat', `微信没有接受：${error.message}`);
  }
}

async function step(title: string, act: () => Promise<unknown>): Promise<TestStep> {
  try {
    await act();
    return { title, ok: true, message: '成功' };
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    return { title, ok: false, message: error.message };
  }
}

const shownWith =
  (opened: (key: string) => string | undefined) =>
  ({ children, ...button }: MenuButton): ShownButton => {
    const leaf = ({ name, key, type, url }: MenuButton) => ({
      name,
      type: url ? 'view' : (type ?? 'click'),
      value: url ?? key,
      ...(!url && key && { opens: opened(key) }),
    });
    return { ...(children?.length ? { name: button.name } : leaf(button)), children: (children ?? []).map(leaf) };
  };

function required(accounts: Accounts, id: number): Account {
  const account = accounts.byId(id);
  if (!account) throw notFound('公众号');
  return account;
}
