import { type InjectionKey, inject, ref, watch } from 'vue';
import { ApiError } from '../api';
import type { Act, MessageBody } from '../types';
import { useChat } from './use-chat';
import { useClock } from './use-clock';
import { useInspector } from './use-inspector';
import { useLive } from './use-live';
import { useMenu } from './use-menu';
import { useWorld } from './use-world';

export type Phone = ReturnType<typeof createPhone>;
export const phoneKey: InjectionKey<Phone> = Symbol('phone');

/** Everything one phone consists of, wired together once and handed down. */
export function createPhone() {
  const world = useWorld();
  const clock = useClock();
  const chat = useChat(world.accountKey, world.openid, clock.present);
  const menu = useMenu(world.accountKey);
  const inspector = useInspector(world.accountKey, world.openid);
  /** The H5 page that is open, if any. */
  const page = ref('');
  const toast = ref('');
  let toastTimer: number | undefined;

  const live = useLive(world.accountKey, world.openid, {
    chat: (openid, message) => {
      if (openid === world.openid.value) chat.merge([message]);
      if (message.type === 'event') attempt(chat.refresh);
      inspector.refreshSoon();
      attempt(world.loadCitizens);
    },
    menu: () => attempt(menu.load),
    clock: clock.set,
    back: () => attempt(catchUp),
  });

  watch(world.accountKey, () => attempt(menu.load));
  watch(world.openid, () => {
    page.value = '';
    inspector.reset();
    attempt(chat.open);
    inspector.refreshSoon();
  });

  async function start() {
    await attempt(clock.load);
    await attempt(world.start);
  }

  async function catchUp() {
    await Promise.all([chat.refresh(), menu.load(), clock.load(), world.loadCitizens()]);
    inspector.refreshSoon();
  }

  async function act(what: Act, draft?: MessageBody) {
    await attempt(() => chat.act(what, draft));
    inspector.refreshSoon();
  }

  async function attempt(run: () => Promise<unknown>) {
    await run().catch((error: unknown) => say(error instanceof ApiError ? error.message : '出错了，请刷新页面'));
  }

  function say(text: string) {
    toast.value = text;
    window.clearTimeout(toastTimer);
    toastTimer = window.setTimeout(() => {
      toast.value = '';
    }, 2600);
  }

  function openPage(url: string) {
    if (/^https?:\/\//i.test(url)) page.value = url;
    else say('这个链接只能在微信里打开');
  }

  return { world, chat, menu, live, inspector, clock, page, toast, start, act, attempt, say, openPage };
}

export function usePhone(): Phone {
  const phone = inject(phoneKey);
  if (!phone) throw new Error('no phone provided');
  return phone;
}
