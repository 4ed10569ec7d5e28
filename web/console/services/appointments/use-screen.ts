import { onBeforeUnmount, onMounted, ref } from 'vue';
import { hearTime } from '../../../shared/server-time';
import { base } from './words';

export type Screen = {
  title: string;
  rows: {
    what: string;
    place: string;
    called: { number: number; person: string; at: string }[];
    waiting: number[];
    waitingCount: number;
    passed: number[];
  }[];
};

/** It says something every ten seconds; when it does not, the connection is gone, whatever the network says. */
const silentMillis = 25_000;
const pauseMillis = 2000;

/** What a screen shows, kept up to date for as long as it stands there: whatever breaks is tried again and again. */
export function useScreen(token: string) {
  const screen = ref<Screen>();
  const state = ref<'connecting' | 'live' | 'broken' | 'gone'>('connecting');
  let stop: AbortController | undefined;
  let timer: number | undefined;
  let gone = false;

  const turn = async () => {
    stop = new AbortController();
    await listen(stop).catch(() => undefined);
    if (gone || state.value === 'gone') return;
    state.value = 'broken';
    timer = window.setTimeout(turn, pauseMillis);
  };

  async function listen(mine: AbortController): Promise<void> {
    let silence = window.setTimeout(() => mine.abort(), silentMillis);
    try {
      const sent = performance.now();
      const response = await fetch(`/api/console${base}/screen`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token }),
        signal: mine.signal,
      });
      hearTime(response, sent);
      if (response.status === 404) state.value = 'gone';
      if (!response.ok || !response.body) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let read = ''; ; ) {
        const { value, done } = await reader.read();
        if (done) return;
        window.clearTimeout(silence);
        silence = window.setTimeout(() => mine.abort(), silentMillis);
        const events = (read + value).split('\n\n');
        read = events.pop()!;
        events.forEach(take);
      }
    } finally {
      window.clearTimeout(silence);
    }
  }

  function take(event: string): void {
    if (event.startsWith('event: gone')) state.value = 'gone';
    if (!event.startsWith('data: ')) return;
    screen.value = JSON.parse(event.slice(6));
    state.value = 'live';
  }

  // A connection does not always notice that the network is gone.
  const onOffline = () => stop?.abort();
  onMounted(() => {
    window.addEventListener('offline', onOffline);
    void turn();
  });
  onBeforeUnmount(() => {
    gone = true;
    window.removeEventListener('offline', onOffline);
    window.clearTimeout(timer);
    stop?.abort();
  });
  return { screen, state };
}
