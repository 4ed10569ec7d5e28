import { onScopeDispose, ref } from 'vue';
import { api } from '../api';

export type Clock = ReturnType<typeof useClock>;

/** The simulator's clock: real time plus an offset that can be moved forward. */
export function useClock() {
  const offset = ref(0);
  const now = ref(Date.now());
  const timer = window.setInterval(tick, 1000);
  onScopeDispose(() => window.clearInterval(timer));

  function set(iso: string) {
    offset.value = new Date(iso).getTime() - Date.now();
    tick();
  }

  function tick() {
    now.value = Date.now() + offset.value;
  }

  const load = async () => set((await api.clock()).now);
  const advance = async (seconds: number) => set((await api.advance(seconds)).now);

  /** To the millisecond, for what is stamped; `now` moves once a second, for what is shown. */
  const present = () => Date.now() + offset.value;

  return { now, present, set, load, advance };
}
