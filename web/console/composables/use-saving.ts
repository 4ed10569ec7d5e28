import { type Ref, ref } from 'vue';
import { ApiError, tell, wordsOf } from '../api';

type Saving = {
  /** what is wrong with the last try, by field */
  faults: Ref<Record<string, string>>;
  /** `beside`: what is wrong and belongs to no field, in words */
  fault: Ref<string>;
  busy: Ref<boolean>;
  saving(work: () => Promise<void>): Promise<void>;
  /** For a form that is opened anew. */
  forget(): void;
};

/**
 * What a form's button starts: once at a time, and what is wrong stands at its field. As a whole it is told at the window's edge, or,
 * `beside`, what belongs to no field stands in the form.
 */
export function useSaving({ beside = false } = {}): Saving {
  const faults = ref<Record<string, string>>({});
  const fault = ref('');
  const busy = ref(false);
  const forget = () => {
    faults.value = {};
    fault.value = '';
  };
  const hear = (failure: unknown) => {
    if (failure instanceof ApiError) faults.value = failure.fields;
    if (!beside) tell(failure);
    else if (Object.keys(faults.value).length === 0) fault.value = wordsOf(failure);
  };
  return {
    faults,
    fault,
    busy,
    forget,
    saving: async (work) => {
      if (busy.value) return;
      busy.value = true;
      forget();
      try {
        await work();
      } catch (failure) {
        hear(failure);
      } finally {
        busy.value = false;
      }
    },
  };
}
