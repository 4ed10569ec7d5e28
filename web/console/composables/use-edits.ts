import { computed, type Ref, ref, watch } from 'vue';
import { useLeaveGuard } from './use-leave-guard';

/**
 * A copy of what the server has, for a form. What comes anew from there is taken over as long as nobody has changed the copy, and always
 * where it is `of` something else. Who leaves the page with changes is asked first.
 */
export function useEdits<T>(source: () => T, of: () => unknown = () => undefined) {
  const text = computed(() => textOf(source()));
  const taken = ref('');
  const draft = ref() as Ref<T>;
  const dirty = computed(() => textOf(draft.value) !== taken.value);
  /** Others have changed what the copy was made of. */
  const outdated = computed(() => text.value !== taken.value);

  function take(): void {
    taken.value = text.value;
    draft.value = (text.value === '' ? undefined : JSON.parse(text.value)) as T;
  }
  take();
  watch([text, of], ([, now], [, before]) => {
    if (!dirty.value || now !== before) take();
  });
  /** The server has it now: what comes from there next is taken over. */
  const saved = () => {
    taken.value = textOf(draft.value);
  };
  const { mayLeave } = useLeaveGuard(() => dirty.value);
  return { draft, outdated, saved, mayLeave };
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? '';
