import { type Ref, ref } from 'vue';
import { wordsOf } from '../api';

type Attempt = {
  /** why the last one failed, in words; empty while it has not */
  fault: Ref<string>;
  busy: Ref<boolean>;
  attempt(work: () => Promise<void>): Promise<void>;
};

/** What a button starts: busy meanwhile, and what went wrong is said beside it. */
export function useAttempt(): Attempt {
  const [fault, busy] = [ref(''), ref(false)];
  return {
    fault,
    busy,
    attempt: async (work) => {
      fault.value = '';
      busy.value = true;
      try {
        await work();
      } catch (failure) {
        fault.value = wordsOf(failure);
      } finally {
        busy.value = false;
      }
    },
  };
}
