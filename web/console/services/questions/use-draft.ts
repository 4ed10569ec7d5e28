import { onBeforeUnmount, ref, watch } from 'vue';
import { put } from '../../api';
import { randomLetters } from '../../credentials';
import { useSession } from '../../session';
import { base } from './words';

type Kept = { text: string; key: string | null };

/**
 * The answer being written: kept in this tab at once and on the server soon after. `keyFor` gives the same key for the same
 * words until they have been sent, also across a reload, so that trying again sends once.
 */
export function useDraft(id: string) {
  const place = `weiban.answer.${useSession().me.value?.username ?? ''}.${id}`;
  const text = ref('');
  const saved = ref<'' | 'saving' | 'saved' | 'failed'>('');
  let key: string | null = null;
  let tried: string | null = null;
  let onServer = '';
  let timer: number | undefined;
  let ready = false;

  /** What this tab holds goes before what the server does: it is newer. */
  function begin(draft: string): void {
    if (ready) return;
    const kept = readKept();
    onServer = draft;
    text.value = kept?.text ?? draft;
    key = kept?.key ?? null;
    tried = key ? text.value : null;
    ready = true;
  }

  watch(text, () => {
    if (!ready) return;
    keepHere();
    if (text.value === onServer) return;
    saved.value = 'saving';
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 600);
  });

  async function save(): Promise<void> {
    window.clearTimeout(timer);
    const words = text.value;
    if (!ready || words === onServer) return;
    try {
      await put(`${base}/${id}/draft`, { text: words });
      onServer = words;
      saved.value = words ? 'saved' : '';
    } catch {
      saved.value = 'failed';
    }
  }

  function keyFor(words: string): string {
    if (!key || tried !== words) key = randomLetters(24);
    tried = words;
    keepHere();
    return key;
  }

  /** It has been sent: the server has put its draft away with it. */
  function clear(): void {
    window.clearTimeout(timer);
    key = null;
    tried = null;
    onServer = '';
    text.value = '';
    saved.value = '';
    sessionStorage.removeItem(place);
  }

  function keepHere(): void {
    if (text.value) sessionStorage.setItem(place, JSON.stringify({ text: text.value, key } satisfies Kept));
    else sessionStorage.removeItem(place);
  }

  function readKept(): Kept | null {
    const kept = sessionStorage.getItem(place);
    return kept ? (JSON.parse(kept) as Kept) : null;
  }

  onBeforeUnmount(save);

  return { text, saved, begin, keyFor, clear };
}
