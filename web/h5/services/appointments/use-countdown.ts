import { computed, onScopeDispose, ref, watch } from 'vue';
import { serverNow } from '../../../shared/server-time';

/** Minutes and seconds until a moment, 4:59; '' when there is none, and `over` once it has passed. */
export function useCountdown(until: () => string | null | undefined) {
  const now = ref(serverNow());
  const timer = window.setInterval(() => {
    now.value = serverNow();
  }, 500);
  onScopeDispose(() => window.clearInterval(timer));
  watch(until, () => {
    now.value = serverNow();
  });
  const left = computed(() => {
    const end = until();
    return end ? Math.max(0, Math.ceil((Date.parse(end) - now.value) / 1000)) : undefined;
  });
  const shown = computed(() =>
    left.value === undefined ? '' : `${Math.floor(left.value / 60)}:${String(left.value % 60).padStart(2, '0')}`,
  );
  return { shown, over: computed(() => left.value === 0) };
}
