import { computed, onScopeDispose, ref } from 'vue';
import { api } from '../api';
import { midnight } from '../time-text';

export type Clock = ReturnType<typeof useClock>;

/** The simulator's clock: real time plus an offset that can be moved forward. */
export function useClock() {
  const offset = ref(0);
  const now = ref(Date.now());
  /** Changes once a day: what shows dates need not be drawn anew every second. */
  const today = computed(() => midnight(now.value));
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

  return { now, today, present, set, load, advance };
}
