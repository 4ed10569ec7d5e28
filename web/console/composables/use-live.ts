import { onBeforeUnmount } from 'vue';

type Listener = (data: Record<string, unknown>) => void;

/** One connection for the whole page, open while anyone listens; the browser resumes it by itself from the last event. */
let source: EventSource | undefined;
const listeners = new Map<string, Set<Listener>>();

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

function listen(topic: string, act: Listener): void {
  const there = listeners.get(topic);
  if (there) there.add(act);
  else listeners.set(topic, new Set([act]));
  source ??= new EventSource('/api/console/events');
  if (!there) attach(topic);
}

function attach(topic: string): void {
  source?.addEventListener(topic, ({ data }) => {
    for (const act of listeners.get(topic) ?? []) act(JSON.parse(data));
  });
}

function close(): void {
  source?.close();
  source = undefined;
  listeners.clear();
}
