import { computed, ref, watch } from 'vue';
import { onBeforeRouteLeave, useRoute, useRouter } from 'vue-router';

/**
 * A search as one types. What is searched stands in the address (`q`), so that going back from a hit shows the hits again.
 * `path`: of the page itself.
 */
export function useWordSearch(path: string) {
  const route = useRoute();
  const router = useRouter();
  const asked = computed(() => (typeof route.query.q === 'string' ? route.query.q : ''));
  const words = ref(asked.value);

  let pause: ReturnType<typeof setTimeout> | undefined;
  watch(asked, (now) => {
    if (now !== words.value.trim()) words.value = now;
  });
  watch(words, () => {
    clearTimeout(pause);
    pause = setTimeout(search, 400);
  });
  // A search still waiting would turn back who has already tapped something.
  onBeforeRouteLeave(() => clearTimeout(pause));

  function search(): void {
    clearTimeout(pause);
    const q = words.value.trim().slice(0, 100);
    if (q !== asked.value) void router.replace({ path, query: q ? { q } : {} });
  }

  return { asked, words, search };
}
