import { menuOf } from '../src/dialogue/menu';
import type { Account } from '../src/people/accounts';
import { StartupError } from '../src/platform/startup-error';
import { WechatError } from '../src/wechat/client';
import { withDeps } from './with-deps';

// `npm run menu -- publish <account>` puts templates/menu.yaml on an account; `show` prints what is there; `remove` takes it off.
const [action, key] = process.argv.slice(2);

withDeps(async ({ accounts, wechat, menu }) => {
  const known = accounts.list().map((account) => account.key);
  if (!action || !key)
    throw new StartupError(`用法：npm run menu -- publish|show|remove <公众号>（现有：${known.join('、') || '无'}）`);
  const account = accounts.byKey(key);
  if (!account) throw new StartupError(`没有公众号 ${key}（现有：${known.join('、') || '无'}）`);
  const acts: Record<string, (account: Account) => Promise<string>> = {
    publish: async () => {
      await wechat.publishMenu(account, menuOf(menu, account.key));
      return `菜单已发布到 ${key}，手机上约 5 分钟内更新`;
    },
    show: async () => JSON.stringify(await wechat.currentMenu(account), null, 2),
    remove: async () => {
      await wechat.removeMenu(account);
      return `${key} 的菜单已全部删除，包括个性化菜单`;
    },
  };
  const act = acts[action];
  if (!act) throw new StartupError(`不认识 ${action}，可用：publish、show、remove`);
  try {
    console.log(await act(account));
  } catch (error) {
    throw error instanceof WechatError ? new StartupError(`微信没有接受：${error.message}`) : error;
  }
});
