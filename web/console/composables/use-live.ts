import { onBeforeUnmount, readonly, ref } from 'vue';
import { signedOut } from '../api';
import { renewSession } from '../renew';

type Listener = (data: Record<string, unknown>) => void;

/** One connection for the whole page, open while anyone listens; it goes on from the last event it was told. */
let source: EventSource | undefined;
const listeners = new Map<string, Set<Listener>>();
let lastId = '';
let failures = 0;
let timer: number | undefined;
const broken = ref(false);

/** Whether what is shown may be old: the connection is gone, and is being made again. */
export const liveBroken = readonly(broken);

/**
 * Calls `act` for each live event of these topics while the component is there. Topic `reset` means that events were missed: read
 * everything again.
 */
export function useLive(topics: readonly string[], act: Listener): void {
  for (const topic of topics) listen(topic, act);
  onBeforeUnmount(() => {
    for (const topic of topics) listeners.get(topic)?.delete(act);
    if ([...listeners.values()].every((set) => set.size === 0)) close();
  });
}

// A connection does not always notice that the network is gone, and what was asked for meanwhile has failed.
window.addEventListener('offline', () => {
  broken.value = source !== undefined;
});
window.addEventListener('online', () => {
  if (!source) return;
  source.close();
  open();
  tell('reset', {});
});

function listen(topic: string, act: Listener): void {
  const there = listeners.get(topic);
  if (there) there.add(act);
  else listeners.set(topic, new Set([act]));
  if (source && !there) attach(source, topic);
  if (!source && timer === undefined) open();
}

function open(): void {
  const stream = new EventSource(`/api/console/events${lastId && `?after=${lastId}`}`);
  source = stream;
  stream.onopen = () => {
    failures = 0;
    broken.value = false;
  };
  // The browser connects again by itself when a connection breaks, and gives up when it is refused: the session has to be renewed.
  stream.onerror = () => {
    if (stream === source) broken.value = true;
    if (stream.readyState === EventSource.CLOSED && stream === source) void reopen();
  };
  stream.addEventListener('signed-out', () => {
    stream.close();
    if (stream === source) void reopen();
  });
  for (const topic of listeners.keys()) attach(stream, topic);
}

async function reopen(): Promise<void> {
  source = undefined;
  // Held before asking, so that whoever begins to listen meanwhile opens no second one.
  timer = window.setTimeout(() => {}, 0);
  const mine = timer;
  const renewed = await renewSession();
  if (timer !== mine) return;
  if (renewed === 'ended') {
    timer = undefined;
    signedOut();
    return;
  }
  const pause = renewed === 'renewed' && failures === 0 ? 0 : Math.min(60_000, 1000 * 2 ** failures);
  failures++;
  timer = window.setTimeout(() => {
    timer = undefined;
    open();
    if (!lastId) tell('reset', {});
  }, pause);
}

function attach(stream: EventSource, topic: string): void {
  stream.addEventListener(topic, ({ data, lastEventId }) => {
    lastId = lastEventId || lastId;
    tell(topic, JSON.parse(data));
  });
}

function tell(topic: string, data: Record<string, unknown>): void {
  for (const act of listeners.get(topic) ?? []) act(data);
}

function close(): void {
  source?.close();
  window.clearTimeout(timer);
  source = timer = undefined;
  listeners.clear();
  lastId = '';
  failures = 0;
  broken.value = false;
}
