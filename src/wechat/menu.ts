import { z } from 'zod';
import type { Account } from '../people/accounts';
import { UserError } from '../platform/errors';
import { type AccountCalls, readAnswer } from './client/call-account';
import { WechatError } from './client/error';

/** A button as operators write it: with `children`, or with what a tap on it does. */
export type MenuButton = {
  name: string;
  /** opens a service; sent back to us as EventKey */
  key?: string;
  /** with a key: `click` unless another kind such as `scancode_waitmsg` or `location_select` is wanted */
  type?: string;
  /** opens a page */
  url?: string;
  /** opens a mini program at `pagepath`; `url` is for phones that cannot */
  appid?: string;
  pagepath?: string;
  children?: MenuButton[];
};

const tapTypes = [
  'click',
  'scancode_push',
  'scancode_waitmsg',
  'pic_sysphoto',
  'pic_photo_or_album',
  'pic_weixin',
  'location_select',
];

type PlatformButton = {
  name: string;
  type?: string;
  key?: string;
  url?: string;
  appid?: string;
  pagepath?: string;
  sub_button?: PlatformButton[];
};

const platformButton: z.ZodType<PlatformButton> = z.object({
  name: z.string(),
  type: z.string().optional(),
  key: z.string().optional(),
  url: z.string().optional(),
  appid: z.string().optional(),
  pagepath: z.string().optional(),
  sub_button: z.array(z.lazy(() => platformButton)).optional(),
});
const published = z.object({ menu: z.object({ button: z.array(platformButton) }) });

export function menuCalls({ api }: AccountCalls) {
  return {
    /**
     * Puts the menu on the account; phones show it within about five minutes.
     * @throws UserError 422 that names every button over one of the platform's limits
     */
    async publishMenu(account: Account, menu: MenuButton[]): Promise<void> {
      const faults = menuFaults(menu);
      if (Object.keys(faults).length > 0)
        throw new UserError(422, 'bad-menu', `菜单不符合微信的限制：${Object.values(faults).join('；')}`, faults);
      await api(account).createMenu({ button: menu.map(toPlatform) });
    },
    /** The menu on the account; null when it has none. */
    async currentMenu(account: Account): Promise<MenuButton[] | null> {
      try {
        return readAnswer(published, await api(account).getMenu()).menu.button.map(fromPlatform);
      } catch (error) {
        if (error instanceof WechatError && error.code === '46003') return null;
        throw error;
      }
    },
    /** Takes every menu off the account, personalised ones too. */
    async removeMenu(account: Account): Promise<void> {
      await api(account).removeMenu();
    },
  };
}

/** What the platform would refuse, by place (`1.children.2.name`) in Chinese; empty for a good menu. Sizes are bytes of UTF-8. */
export function menuFaults(menu: MenuButton[]): Record<string, string> {
  const faults: Record<string, string> = {};
  if (menu.length < 1 || menu.length > 3) faults.menu = `一级菜单须为 1 到 3 个，现有 ${menu.length} 个`;
  for (const [i, button] of menu.entries()) checkButton(button, `${i + 1}`, 16, faults);
  return faults;
}

function checkButton(button: MenuButton, place: string, nameBytes: number, faults: Record<string, string>): void {
  const title = `「${button.name}」`;
  if (button.name.trim() === '') faults[`${place}.name`] = `第 ${place} 项没有名称`;
  tooLong(button.name, nameBytes, `${place}.name`, `菜单名称${title}`, faults);
  if (button.children === undefined || button.children.length === 0) {
    checkAction(button, place, faults);
    return;
  }
  if (nameBytes > 16) faults[`${place}.children`] = `${title}是二级菜单，不能再有下级`;
  if (button.children.length > 5)
    faults[`${place}.children`] = `${title}下最多 5 个二级菜单，现有 ${button.children.length} 个`;
  for (const [i, child] of button.children.entries()) checkButton(child, `${place}.children.${i + 1}`, 60, faults);
}

function checkAction(
  { name, key, url, type, appid, pagepath }: MenuButton,
  place: string,
  faults: Record<string, string>,
): void {
  if (!key && !url) faults[`${place}.key`] = `「${name}」既没有 key 也没有 url，点了不会有反应`;
  if (key && url) faults[`${place}.key`] = `「${name}」的 key 与 url 只能有一个`;
  if (key && type && !tapTypes.includes(type))
    faults[`${place}.type`] = `「${name}」的类型 ${type} 不存在，可用：${tapTypes.join('、')}`;
  if (key) tooLong(key, 128, `${place}.key`, `「${name}」的 key`, faults);
  if (url) tooLong(url, 1024, `${place}.url`, `「${name}」的网址`, faults);
  if (url && !(/^https?:\/\//i.test(url) && URL.canParse(url)))
    faults[`${place}.url`] = `「${name}」的网址须以 http:// 或 https:// 开头`;
  if (Boolean(appid) !== Boolean(pagepath) || (appid && !url))
    faults[`${place}.appid`] = `「${name}」打开小程序须同时有 appid、pagepath 和 url`;
}

function tooLong(text: string, most: number, place: string, what: string, faults: Record<string, string>): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > most) faults[place] = `${what}有 ${bytes} 字节，最多 ${most} 字节（一个汉字 3 字节）`;
}

function toPlatform({ name, key, url, type, appid, pagepath, children }: MenuButton): PlatformButton {
  if (children && children.length > 0) return { name, sub_button: children.map(toPlatform) };
  if (key) return { name, type: type ?? 'click', key };
  return appid ? { name, type: 'miniprogram', url, appid, pagepath } : { name, type: 'view', url };
}

function fromPlatform({ name, type, key, url, appid, pagepath, sub_button }: PlatformButton): MenuButton {
  if (sub_button && sub_button.length > 0) return { name, children: sub_button.map(fromPlatform) };
  return {
    name,
    ...(key !== undefined && { key }),
    ...(key !== undefined && type !== 'click' && { type }),
    ...(url !== undefined && { url }),
    ...(appid !== undefined && { appid, pagepath }),
  };
}
