import { onScopeDispose, type Ref, ref, watch } from 'vue';
import { api } from '../api';
import type { Message } from '../types';

type Handlers = {
  chat: (openid: string, message: Message) => void;
  menu: () => void;
  clock: (now: string) => void;
  /** The connection is back after a break: events may have been missed. */
  back: () => void;
};

const retryAfter = 2000;

/** Server-Sent Events of the simulator. `EventSource` repeats by itself, except after an HTTP error: then we do. */
export function useLive(account: Ref<string>, handlers: Handlers) {
  const connected = ref(false);
  let source: EventSource | undefined;
  let timer: number | undefined;

  watch(account, () => connect(false), { immediate: true });
  onScopeDispose(close);

  function connect(again: boolean) {
    close();
    if (!account.value) return;
    let lost = again;
    const stream = new EventSource(api.liveUrl(account.value));
    source = stream;
    stream.onopen = () => {
      connected.value = true;
      if (lost) handlers.back();
      lost = false;
    };
    stream.onerror = () => {
      connected.value = false;
      lost = true;
      if (stream.readyState === EventSource.CLOSED) timer = window.setTimeout(() => connect(true), retryAfter);
    };
    stream.addEventListener('chat', (event) => {
      const {
        account: of,
        openid: citizen,
        message,
      } = read<{ account: string; openid: string; message: Message }>(event);
      if (of === account.value) handlers.chat(citizen, message);
    });
    stream.addEventListener('menu', (event) => {
      if (read<{ account: string }>(event).account === account.value) handlers.menu();
    });
    stream.addEventListener('clock', (event) => handlers.clock(read<{ now: string }>(event).now));
  }

  function close() {
    window.clearTimeout(timer);
    source?.close();
    connected.value = false;
  }

  return { connected };
}

function read<T>(event: MessageEvent<string>): T {
  return JSON.parse(event.data) as T;
}
