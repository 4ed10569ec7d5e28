import { computed, type Ref, ref, shallowRef } from 'vue';
import { ApiError, api } from '../api';
import type { Act, Message, MessageBody } from '../types';

export type Entry = {
  /** Stays the same from «sending» to «sent», so that a bubble never jumps or flashes. */
  key: string;
  message: MessageBody & { from: Message['from']; at: string; via?: string; traceId?: number | string };
  state: 'sent' | 'sending' | 'failed';
  error?: string;
};
type Pending = Entry & { act: Act };
export type Chat = ReturnType<typeof useChat>;

const page = 50;

/** The chat of one citizen with one account: what was said, and what is on its way. */
export function useChat(account: Ref<string>, openid: Ref<string>, now: () => number) {
  const messages = shallowRef<Message[]>([]);
  const pending = ref<Pending[]>([]);
  const following = ref(false);
  const loaded = ref(false);
  const hasEarlier = ref(false);
  let keys = new Map<number, string>();
  let visit = 0;
  let serial = 0;

  const entries = computed<Entry[]>(() => {
    const shown: Entry[] = messages.value.map((message) => ({
      key: keys.get(message.id) ?? `m${message.id}`,
      message,
      state: 'sent',
    }));
    shown.push(...pending.value.filter(({ state }) => state === 'sending'));
    // What failed stays where it was said; the chat goes on below it.
    for (const entry of pending.value.filter(({ state }) => state === 'failed')) {
      const later = shown.findIndex(({ message }) => message.at > entry.message.at);
      shown.splice(later < 0 ? shown.length : later, 0, entry);
    }
    return shown;
  });

  async function open() {
    const mine = ++visit;
    messages.value = [];
    pending.value = [];
    keys = new Map();
    loaded.value = false;
    hasEarlier.value = false;
    if (!openid.value) return;
    const chat = await api.chat(account.value, openid.value, undefined, page);
    if (mine !== visit) return;
    merge(chat.messages);
    hasEarlier.value = chat.messages.length >= page;
    following.value = chat.following;
    loaded.value = true;
  }

  /** After a lost connection or an answer: whatever live events did not bring. */
  async function refresh() {
    const mine = visit;
    if (!openid.value || !loaded.value) return;
    const chat = await api.chat(account.value, openid.value, undefined, page);
    if (mine !== visit) return;
    merge(chat.messages);
    following.value = chat.following;
  }

  async function loadEarlier(): Promise<boolean> {
    const first = messages.value[0];
    if (!first || !hasEarlier.value) return false;
    const mine = visit;
    const chat = await api.chat(account.value, openid.value, first.id, page);
    if (mine !== visit) return false;
    hasEarlier.value = chat.messages.length >= page;
    merge(chat.messages);
    return chat.messages.length > 0;
  }

  function merge(incoming: Message[]) {
    const byId = new Map(messages.value.map((message) => [message.id, message]));
    for (const message of incoming) {
      if (!byId.has(message.id)) settle(message);
      byId.set(message.id, message);
    }
    messages.value = [...byId.values()].sort((a, b) => a.id - b.id);
  }

  /** The stored message takes the place of the bubble that announced it. */
  function settle(message: Message) {
    if (message.from !== 'citizen') return;
    const index = pending.value.findIndex((entry) => entry.state === 'sending' && sameKind(entry.message, message));
    const [entry] = index < 0 ? [] : pending.value.splice(index, 1);
    if (entry) keys.set(message.id, entry.key);
  }

  /** Does something as the citizen; with a draft it shows at once as a bubble that is being sent. */
  async function act(what: Act, draft?: MessageBody) {
    if (!draft) return deliver(what);
    const key = `p${++serial}`;
    const at = new Date(now()).toISOString();
    pending.value.push({ key, act: what, message: { ...draft, from: 'citizen', at }, state: 'sending' });
    await deliver(what, key).catch((error: unknown) => fail(key, error));
  }

  async function retry(key: string) {
    const entry = pending.value.find((one) => one.key === key);
    if (!entry) return;
    entry.state = 'sending';
    await deliver(entry.act, key).catch((error: unknown) => fail(key, error));
  }

  async function deliver(what: Act, key?: string) {
    const mine = visit;
    const answer = await api.act(account.value, openid.value, what);
    if (mine !== visit) return;
    merge(answer.replies.filter((reply) => reply.id !== undefined));
    if (key === undefined || pending.value.some((entry) => entry.key === key)) await refresh();
    if (mine === visit) pending.value = pending.value.filter((entry) => entry.key !== key);
  }

  function fail(key: string, error: unknown) {
    const entry = pending.value.find((one) => one.key === key);
    if (!entry) return;
    entry.state = 'failed';
    entry.error = error instanceof ApiError ? error.message : '发送失败';
  }

  return { entries, messages, following, loaded, hasEarlier, open, refresh, loadEarlier, merge, act, retry };
}

function sameKind(draft: MessageBody, stored: MessageBody): boolean {
  if (draft.type !== stored.type) return false;
  return draft.type !== 'text' || stored.type !== 'text' || draft.content === stored.content;
}
