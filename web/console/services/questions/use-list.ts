import { ref, shallowRef } from 'vue';
import { get, isStalePage, tell, wordsOf } from '../../api';
import type { Page } from '../../types';
import type { QuestionRow, Queue } from './types';
import { base } from './words';

const pageSize = 30;
const largestPage = 100;

/** One queue, page by page. A refresh reads again all that is shown: what has left the queue leaves the list. */
export function useList(asked: () => { queue: Queue } | { search: string }) {
  const items = shallowRef<QuestionRow[]>([]);
  const next = ref<string | null>(null);
  const loading = ref(false);
  const loadingMore = ref(false);
  const error = ref('');
  let turn = 0;

  const page = (after: string | null, limit: number) =>
    get<Page<QuestionRow>>(`${base}/list`, { ...asked(), after, limit });

  async function load(): Promise<void> {
    const mine = ++turn;
    items.value = [];
    next.value = null;
    error.value = '';
    loading.value = true;
    try {
      const first = await page(null, pageSize);
      if (mine !== turn) return;
      items.value = first.items;
      next.value = first.next;
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
      const following = await page(next.value, pageSize);
      if (mine !== turn) return;
      const there = new Set(items.value.map(({ id }) => id));
      items.value = [...items.value, ...following.items.filter(({ id }) => !there.has(id))];
      next.value = following.next;
    } catch (failure) {
      if (mine !== turn) return;
      tell(failure);
      if (isStalePage(failure)) await load();
    } finally {
      loadingMore.value = false;
    }
  }

  /** Quietly: a failure leaves what is there. */
  async function refresh(): Promise<void> {
    if (loading.value) return;
    const mine = turn;
    const fresh = await readUpTo(Math.max(pageSize, items.value.length)).catch(() => null);
    if (!fresh || mine !== turn) return;
    items.value = fresh.items;
    next.value = fresh.next;
    error.value = '';
  }

  async function readUpTo(count: number): Promise<Page<QuestionRow>> {
    const read: QuestionRow[] = [];
    let after: string | null = null;
    do {
      const some: Page<QuestionRow> = await page(after, Math.min(largestPage, count - read.length));
      read.push(...some.items);
      after = some.next;
    } while (after !== null && read.length < count);
    return { items: read, next: after };
  }

  return { items, next, loading, loadingMore, error, load, more, refresh };
}
