import type { Texts } from '../delivery/texts';
import type { Installed } from './installed';
import { type MenuButton, ownKeys } from './menu';

/** What staff read in place of the keys by which the dialogue names what it opened, and who sent a message. */
export type KeyTitles = {
  /** what a key belongs to: a flow, a service, a text, a member of staff; undefined where nobody has it (any more) */
  of(key: string): string | undefined;
  /** the menu's button that opens it, else the same */
  button(key: string): string | undefined;
};

export function keyTitles({
  installed,
  menu,
  texts,
}: {
  installed: Pick<Installed, 'services' | 'opening'>;
  menu: MenuButton[];
  texts: Pick<Texts, 'list'>;
}): KeyTitles {
  const buttons = new Map(menu.flatMap((one) => [one, ...one.children]).map(({ key = '', name }) => [key, name]));
  const words = new Map(texts.list().map(({ key, title }) => [key, title]));
  const services = new Map(installed.services.map(({ key, title }) => [key, title]));

  function of(key: string): string | undefined {
    const [kind = '', name = ''] = key.split(/:(.*)/s);
    if (kind === 'staff') return `工作人员 ${name}`;
    if (kind === 'text') return words.get(name);
    const start = installed.opening(key)?.start;
    if (start && typeof start !== 'function') return start.title;
    const service = services.get(kind.split('.')[0]!);
    // A case's or a booking's own number tells more than whose it is.
    if (service) return /\d/.test(name) ? `${service} ${name}` : service;
    return words.get(ownKeys[key] ?? key) ?? own[kind];
  }

  return { of, button: (key) => buttons.get(key) ?? of(key) };
}

/** What the dialogue itself says that it did. */
const own: Record<string, string> = {
  'auto-reply': '自动回复',
  subscribe: '关注',
  scan: '扫码',
  unsubscribe: '取消关注',
  revoke: '收回授权',
  cancellation: '注销微信号',
  privacy: '个人信息申请',
  delivery: '送达回执',
  'account-notice': '公众号认证通知',
  failed: '没有办成',
  ignored: '无需答复',
  event: '无需答复',
};
