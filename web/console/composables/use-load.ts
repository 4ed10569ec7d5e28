import { type Ref, ref, shallowRef } from 'vue';
import { wordsOf } from '../api';

/** One answer of the server's, with the states between: nothing yet, there, or gone wrong. */
export function useLoad<T>(ask: () => Promise<T>) {
  const data: Ref<T | undefined> = shallowRef();
  const error = ref('');
  const loading = ref(false);
  let turn = 0;

  /** `quietly`: a refresh in the background neither shows that it runs nor takes away what is there when it fails. */
  async function load({ quietly = false } = {}): Promise<void> {
    const mine = ++turn;
    if (!quietly) {
      loading.value = true;
      error.value = '';
    }
    try {
      const fresh = await ask();
      if (mine !== turn) return;
      data.value = fresh;
      error.value = '';
    } catch (failure) {
      if (mine === turn && !quietly) error.value = wordsOf(failure);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  return { data, error, loading, load };
}
