import { onScopeDispose, type WatchSource } from 'vue';
import { useLoaded } from '../../composables/use-loaded';

const everyMillis = 20_000;

/** What a path answers, read again every 20 seconds while the page is looked at; what stood there stays until the new is there. */
export function useFresh<T>(path: WatchSource<string | null>) {
  const loaded = useLoaded<T>(path);
  const refresh = () => {
    if (!document.hidden && !loaded.loading.value) void loaded.reload();
  };
  const timer = setInterval(refresh, everyMillis);
  document.addEventListener('visibilitychange', refresh);
  onScopeDispose(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', refresh);
  });
  return loaded;
}
