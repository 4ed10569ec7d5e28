import { onBeforeUnmount, ref } from 'vue';
import { serverNow } from '../../../shared/server-time';

/** The server's time, twice a minute: what is left and how long someone waits are told by it. */
export function useNow() {
  const now = ref(serverNow());
  const timer = window.setInterval(() => {
    now.value = serverNow();
  }, 30_000);
  onBeforeUnmount(() => window.clearInterval(timer));
  return now;
}
