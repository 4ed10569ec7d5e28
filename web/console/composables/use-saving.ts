import { type Ref, ref } from 'vue';
import { ApiError, tell } from '../api';

type Saving = {
  /** what is wrong with the last try, by field */
  faults: Ref<Record<string, string>>;
  busy: Ref<boolean>;
  saving(work: () => Promise<void>): Promise<void>;
};

/** What a form's button starts: once at a time; what is wrong stands at its field, and is told as a whole. */
export function useSaving(): Saving {
  const faults = ref<Record<string, string>>({});
  const busy = ref(false);
  return {
    faults,
    busy,
    saving: async (work) => {
      if (busy.value) return;
      busy.value = true;
      faults.value = {};
      try {
        await work();
      } catch (failure) {
        if (failure instanceof ApiError) faults.value = failure.fields;
        tell(failure);
      } finally {
        busy.value = false;
      }
    },
  };
}
