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
  const menu = useMenu(world.accountKey, world.openid);
  const inspector = useInspector(world.accountKey, world.openid);
  /** The H5 page that is open, if any. */
  const page = ref('');
  const toast = ref('');
  let toastTimer: number | undefined;
  let settleTimer: number | undefined;

  const live = useLive(world.accountKey, {
    chat: (openid, message) => {
      if (openid === world.openid.value) chat.merge([message]);
      inspector.refreshSoon();
      settleSoon();
    },
    menu: () => attempt(menu.load),
    clock: clock.set,
    back: () => attempt(catchUp),
  });

  watch(world.openid, () => {
    page.value = '';
    inspector.reset();
    attempt(chat.open);
    attempt(menu.load);
    inspector.refreshSoon();
  });

  async function start() {
    await attempt(clock.load);
    await attempt(world.start);
  }

  /** After a burst of events: what is on the screen counts as read, who followed or left is known, the list is right. */
  function settleSoon() {
    window.clearTimeout(settleTimer);
    settleTimer = window.setTimeout(async () => {
      await attempt(chat.refresh);
      await attempt(world.loadCitizens);
    }, 200);
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
    if (/^(https?:\/\/|\/(?!\/))/i.test(url)) page.value = url;
    else say('这个链接只能在微信里打开');
  }

  return { world, chat, menu, live, inspector, clock, page, toast, start, act, attempt, say, openPage };
}

export function usePhone(): Phone {
  const phone = inject(phoneKey);
  if (!phone) throw new Error('no phone provided');
  return phone;
}
