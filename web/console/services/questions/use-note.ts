import { ref } from 'vue';
import { post } from '../../api';
import { randomLetters } from '../../credentials';
import { base } from './words';

/** A note for colleagues; the same words tried again are one note. */
export function useNote(id: string) {
  const text = ref('');
  let tried: { words: string; key: string } | undefined;
  return {
    text,
    async send(words: string): Promise<void> {
      if (tried?.words !== words) tried = { words, key: randomLetters(24) };
      await post(`${base}/${id}/note`, { text: words, key: tried.key });
      tried = undefined;
      text.value = '';
    },
  };
}
