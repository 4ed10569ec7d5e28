import { ref } from 'vue';
import { randomName } from '../../../shared/random-name';
import { ApiError } from '../../api';

/**
 * Something that is sent once however often it is tapped or tried again: the same words go out with the same key until they
 * have arrived.
 */
export function useOnce() {
  const busy = ref(false);
  const fault = ref('');
  let tried: { words: string; key: string } | undefined;

  /** @returns what came back; undefined when it did not work, for which `fault` says why */
  async function once<T>(words: object, send: (key: string) => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined;
    const said = JSON.stringify(words);
    if (tried?.words !== said) tried = { words: said, key: randomName() };
    busy.value = true;
    fault.value = '';
    try {
      const answer = await send(tried.key);
      tried = undefined;
      return answer;
    } catch (error) {
      fault.value = error instanceof ApiError ? error.message : '没有发出去，请再试一次';
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  return { busy, fault, once };
}
