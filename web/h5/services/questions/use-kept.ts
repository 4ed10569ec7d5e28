import { type Ref, ref, watch } from 'vue';
import { forgetHere, keepHere, keptHere } from '../../storage';

/**
 * What is being written outlives the page: one reads an answer that was offered and comes back, or the phone has thrown the page away
 * behind another. It stays on this phone and in this window, until it is sent.
 */
export function useKept(name: string): { text: Ref<string>; forget: () => void } {
  const key = `writing:${name}`;
  const text = ref(keptHere(key) ?? '');
  const forget = () => forgetHere(key);
  watch(text, (words) => (words === '' ? forget() : void keepHere(key, words)));
  return { text, forget };
}
