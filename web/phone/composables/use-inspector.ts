import { type Ref, ref } from 'vue';
import { api } from '../api';
import type { Send, Trace } from '../types';

export type Inspector = ReturnType<typeof useInspector>;

const settle = 250;

/** What went over the wire for this citizen: callbacks in and out, and the calls that the account made. */
export function useInspector(account: Ref<string>, openid: Ref<string>) {
  const traces = ref<Trace[]>([]);
  const sends = ref<Send[]>([]);
  let timer: number | undefined;

  function reset() {
    traces.value = [];
    sends.value = [];
  }

  /** Several events often come together: one look is enough for them. */
  function refreshSoon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => refresh().catch(() => undefined), settle);
  }

  async function refresh() {
    const [key, citizen] = [account.value, openid.value];
    if (!key || !citizen) return;
    const [nextTraces, nextSends] = await Promise.all([api.traces(key, citizen), api.sends(key, citizen)]);
    if (key !== account.value || citizen !== openid.value) return;
    traces.value = newestFirst(nextTraces);
    sends.value = newestFirst(nextSends);
  }

  return { traces, sends, reset, refresh, refreshSoon };
}

function newestFirst<T extends { id: number | string }>(rows: T[]): T[] {
  return [...rows].sort((a, b) => Number(b.id) - Number(a.id));
}
