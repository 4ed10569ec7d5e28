import { onBeforeUnmount, ref, watch } from 'vue';
import { put } from '../../api';
import { randomLetters } from '../../credentials';
import { useSession } from '../../session';
import type { Draft } from './types';
import { base } from './words';

type Kept = Draft & { key: string | null };

const retryMillis = 5000;

/**
 * The answer being written and the pictures chosen for it: kept in this tab at once and on the server soon after. `sendKey` is the
 * same for the same answer until it has been sent, also across a reload, so that trying again sends once.
 */
export function useDraft(id: string) {
  const place = `weiban.answer.${useSession().me.value?.username ?? ''}.${id}`;
  const text = ref('');
  const images = ref<string[]>([]);
  const saved = ref<'' | 'saving' | 'saved' | 'failed'>('');
  let key: string | null = null;
  let tried: string | null = null;
  let onServer = '';
  let timer: number | undefined;
  let ready = false;
  let underWay: Promise<void> = Promise.resolve();

  const asOne = (one: Draft) => (one.text || one.images.length > 0 ? [one.text, ...one.images].join('\n') : '');
  const now = () => asOne({ text: text.value, images: images.value });
  /** as it is sent */
  const whole = () => asOne({ text: text.value.trim(), images: images.value });

  /** What this tab holds goes before what the server does: it is newer. */
  function begin(draft: Draft): void {
    if (ready) return;
    const kept = readKept();
    onServer = asOne(draft);
    text.value = kept?.text ?? draft.text;
    images.value = kept?.images ?? draft.images;
    key = kept?.key ?? null;
    tried = key ? whole() : null;
    ready = true;
  }

  watch([text, images], () => {
    if (!ready) return;
    keepHere();
    if (now() === onServer) return;
    saved.value = 'saving';
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 600);
  });

  function save(): Promise<void> {
    window.clearTimeout(timer);
    underWay = underWay.then(store);
    return underWay;
  }

  async function store(): Promise<void> {
    const written = now();
    if (!ready || written === onServer) return;
    try {
      await put(`${base}/${id}/draft`, { text: text.value, images: images.value });
      onServer = written;
      saved.value = written ? 'saved' : '';
    } catch {
      saved.value = 'failed';
      // Nobody has to type again for it: it is kept when the server can be reached again.
      if (ready) timer = window.setTimeout(save, retryMillis);
    }
  }

  /** Nothing is saved any more while it is sent: it would be there again after the server has put it away. */
  async function sendKey(): Promise<string> {
    const mine = key && tried === whole() ? key : randomLetters(24);
    key = mine;
    tried = whole();
    keepHere();
    window.clearTimeout(timer);
    await underWay;
    return mine;
  }

  /** It has been sent: the server has put its draft away with it. */
  function clear(): void {
    window.clearTimeout(timer);
    key = null;
    tried = null;
    onServer = '';
    text.value = '';
    images.value = [];
    saved.value = '';
    sessionStorage.removeItem(place);
  }

  function keepHere(): void {
    const kept: Kept = { text: text.value, images: images.value, key };
    if (now()) sessionStorage.setItem(place, JSON.stringify(kept));
    else sessionStorage.removeItem(place);
  }

  function readKept(): Kept | null {
    const kept = sessionStorage.getItem(place);
    return kept ? (JSON.parse(kept) as Kept) : null;
  }

  window.addEventListener('online', save);
  onBeforeUnmount(async () => {
    window.removeEventListener('online', save);
    await save();
    ready = false;
    window.clearTimeout(timer);
  });

  return { text, images, saved, begin, save, sendKey, clear };
}
