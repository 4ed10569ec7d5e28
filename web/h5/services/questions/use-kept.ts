import { type Ref, ref, watch } from 'vue';

/**
 * What is being written outlives the page: one reads an answer that was offered and comes back, or the phone has thrown the page away
 * behind another. It stays on this phone and in this window, until it is sent.
 */
export function useKept(name: string): { text: Ref<string>; forget: () => void } {
  const key = `weiban:writing:${name}`;
  const text = ref(at(() => sessionStorage.getItem(key)) ?? '');
  const forget = () => void at(() => sessionStorage.removeItem(key));
  watch(text, (words) => (words === '' ? forget() : void at(() => sessionStorage.setItem(key, words))));
  return { text, forget };
}

/** A phone that keeps nothing only forgets. */
function at<T>(storage: () => T): T | undefined {
  try {
    return storage();
  } catch {
    return undefined;
  }
}
