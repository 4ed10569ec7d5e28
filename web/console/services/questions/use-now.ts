import { onBeforeUnmount, ref } from 'vue';

/** The time, once a minute: what is left and how long someone waits are told by it. */
export function useNow() {
  const now = ref(Date.now());
  const timer = window.setInterval(() => {
    now.value = Date.now();
  }, 30_000);
  onBeforeUnmount(() => window.clearInterval(timer));
  return now;
}
