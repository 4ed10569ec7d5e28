import { onBeforeUnmount, watch } from 'vue';
import { post } from '../../api';
import type { Colleague } from './types';
import { base } from './words';

/** Tells colleagues that this question is being looked at, or answered: again and again, since it fades by itself. */
export function usePresence(id: string, doing: () => Colleague['doing']): void {
  const say = () => {
    if (!document.hidden) void post(`${base}/${id}/presence`, { doing: doing() }).catch(() => undefined);
  };
  const timer = window.setInterval(say, 20_000);
  watch(doing, say, { immediate: true });
  onBeforeUnmount(() => window.clearInterval(timer));
}
