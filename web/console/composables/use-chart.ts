import { nextTick, onBeforeUnmount, type ShallowRef, type WatchSource, watch } from 'vue';
import { useTheme } from './use-theme';

/** Puts a chart into an element and takes it away again. */
export type Draw = (element: HTMLElement) => () => void;

/**
 * A chart in an element of the page. Drawn anew when one of these changes, or the colours do; `prepare` fetches what draws, so that a
 * page that has nothing to show needs none of it.
 */
export function useChart(
  canvas: Readonly<ShallowRef<HTMLElement | null>>,
  changes: WatchSource[],
  prepare: () => Promise<Draw | undefined>,
): void {
  let clear: (() => void) | undefined;
  let turn = 0;
  watch([...changes, useTheme()], async () => {
    const mine = ++turn;
    await nextTick();
    const draw = await prepare();
    if (mine !== turn) return;
    clear?.();
    clear = canvas.value ? draw?.(canvas.value) : undefined;
  });
  onBeforeUnmount(() => {
    turn++;
    clear?.();
  });
}
