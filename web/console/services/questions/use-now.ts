import { onBeforeUnmount, ref } from 'vue';

/** How far the server's clock is ahead of this computer's, which may be wrong. */
let ahead = 0;
export function setServerTime(iso: string): void {
  ahead = new Date(iso).getTime() - Date.now();
}
export const serverNow = () => Date.now() + ahead;

/** The server's time, twice a minute: what is left and how long someone waits are told by it. */
export function useNow() {
  const now = ref(serverNow());
  const timer = window.setInterval(() => {
    now.value = serverNow();
  }, 30_000);
  onBeforeUnmount(() => window.clearInterval(timer));
  return now;
}
