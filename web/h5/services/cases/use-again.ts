import { onScopeDispose, type Ref, ref, type WatchSource, watch } from 'vue';

/** Seconds before each further look: calmer each time, and then no more. */
const pauses = [10, 20, 40, 80];

/**
 * Asks again by itself as long as something is missing, and not while the page is out of sight.
 * @returns whether it will once more: a page must not promise what is over
 */
export function useAgain(missing: WatchSource<boolean>, ask: () => unknown): Ref<boolean> {
  const coming = ref(false);
  let turn = 0;
  let timer: number | undefined;
  let waiting = false;
  const next = () => {
    const seconds = pauses[turn++];
    coming.value = waiting && seconds !== undefined;
    if (!coming.value) return;
    timer = window.setTimeout(async () => {
      if (!document.hidden) await ask();
      next();
    }, seconds! * 1000);
  };
  watch(
    missing,
    (is) => {
      window.clearTimeout(timer);
      turn = 0;
      waiting = is;
      next();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    waiting = false;
    window.clearTimeout(timer);
  });
  return coming;
}
