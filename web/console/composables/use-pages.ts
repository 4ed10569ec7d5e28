import { ref, shallowRef } from 'vue';
import { isStalePage, tell, wordsOf } from '../api';
import type { Page } from '../types';

/** A list that is read page by page, newest first. */
export function usePages<T>(ask: (after: string | null) => Promise<Page<T>>, idOf: (item: T) => string) {
  const items = shallowRef<T[]>([]);
  const next = ref<string | null>(null);
  const loading = ref(false);
  const loadingMore = ref(false);
  const error = ref('');
  let turn = 0;

  async function load(): Promise<void> {
    const mine = ++turn;
    items.value = [];
    next.value = null;
    error.value = '';
    loading.value = true;
    try {
      const page = await ask(null);
      if (mine !== turn) return;
      items.value = page.items;
      next.value = page.next;
    } catch (failure) {
      if (mine === turn) error.value = wordsOf(failure);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  async function more(): Promise<void> {
    if (next.value === null || loadingMore.value) return;
    const mine = turn;
    loadingMore.value = true;
    try {
      const page = await ask(next.value);
      if (mine !== turn) return;
      items.value = [...items.value, ...without(page.items, items.value)];
      next.value = page.next;
    } catch (failure) {
      if (mine !== turn) return;
      tell(failure);
      if (isStalePage(failure)) await load();
    } finally {
      loadingMore.value = false;
    }
  }

  /** Takes in what is new at the head, quietly; what was read further down stays. */
  async function refresh(): Promise<void> {
    if (loading.value) return;
    const mine = turn;
    const page = await ask(null).catch(() => null);
    if (!page || mine !== turn) return;
    if (items.value.length <= page.items.length) next.value = page.next;
    items.value = [...page.items, ...without(items.value, page.items)];
    error.value = '';
  }

  const without = (list: T[], other: T[]) => {
    const there = new Set(other.map(idOf));
    return list.filter((item) => !there.has(idOf(item)));
  };

  return { items, next, loading, loadingMore, error, load, more, refresh };
}
