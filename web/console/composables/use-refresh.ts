import { onBeforeUnmount, onMounted } from 'vue';

/** Repeats while someone looks: not in a hidden tab, never two at once, and at once when the tab is looked at again. */
export function useRefresh(act: () => Promise<unknown>, seconds: number): void {
  let timer: number | undefined;
  let running = false;
  const turn = async () => {
    if (running || document.hidden) return;
    running = true;
    await act().catch(() => undefined);
    running = false;
  };
  const onShown = () => void turn();
  onMounted(() => {
    timer = window.setInterval(turn, seconds * 1000);
    document.addEventListener('visibilitychange', onShown);
  });
  onBeforeUnmount(() => {
    window.clearInterval(timer);
    document.removeEventListener('visibilitychange', onShown);
  });
}
