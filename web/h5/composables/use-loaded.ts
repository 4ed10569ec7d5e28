import { onScopeDispose, ref, shallowRef, type WatchSource, watch } from 'vue';
import { ApiError, read } from '../api';

/** What a path of the API answers, read again whenever the path changes; an answer that comes too late is dropped. */
export function useLoaded<T>(path: WatchSource<string | null>) {
  const value = shallowRef<T>();
  const fault = ref<ApiError>();
  const loading = ref(false);
  let asked: AbortController | undefined;
  let current: string | null = null;

  async function load(): Promise<void> {
    asked?.abort();
    fault.value = undefined;
    if (current === null) return;
    const mine = new AbortController();
    asked = mine;
    loading.value = true;
    try {
      const answer = await read<T>(current, mine.signal);
      if (asked === mine) value.value = answer;
    } catch (error) {
      if (asked === mine) fault.value = error instanceof ApiError ? error : new ApiError(0, '没有加载出来');
    } finally {
      if (asked === mine) loading.value = false;
    }
  }

  watch(
    path,
    (next) => {
      current = next;
      value.value = undefined;
      void load();
    },
    { immediate: true },
  );
  onScopeDispose(() => asked?.abort());
  return { value, fault, loading, reload: load };
}
