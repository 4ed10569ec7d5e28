import { computed, ref, shallowRef } from 'vue';
import { ApiError, get, wordsOf } from '../../api';
import { useSession } from '../../session';
import type { Message, Question } from './types';
import { base } from './words';

/**
 * The question that is open, and what of it its reader has seen: as long as an answer is being written, what arrives meanwhile
 * counts as unseen until it is looked at.
 */
export function useQuestion(id: string, composing: () => boolean) {
  const { me } = useSession();
  const question = shallowRef<Question>();
  const error = ref('');
  /** it was there, and is somebody else's now */
  const gone = ref(false);
  const seen = ref(0);
  const seenIds = shallowRef(new Set<string>());
  let turn = 0;

  const isNews = ({ id, kind, staff }: Message) =>
    kind !== 'event' && !seenIds.value.has(id) && (kind === 'citizen' || staff !== me.value?.name);
  const news = computed(() => question.value?.messages.filter(isNews) ?? []);

  async function load(): Promise<void> {
    const mine = ++turn;
    try {
      const fresh = await get<Question>(`${base}/${id}`);
      if (mine !== turn) return;
      question.value = fresh;
      error.value = '';
      if (news.value.length === 0 || !composing()) look();
    } catch (failure) {
      if (mine !== turn) return;
      if (!question.value) error.value = wordsOf(failure);
      else gone.value = failure instanceof ApiError && failure.status === 404;
    }
  }

  /** All that is there has been seen. */
  function look(): void {
    if (!question.value) return;
    seen.value = question.value.version;
    seenIds.value = new Set(question.value.messages.map(({ id }) => id));
  }

  return { question, error, gone, seen, news, load, look };
}
