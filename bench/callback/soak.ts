import { memoryOf } from '../support/processes';
import { startServer } from '../support/server-process';
import type { Mode } from './account';
import type { Numbers } from './compare';
import { freeTexts } from './free-text';
import { load } from './measure';
import type { Options } from './options';
import type { Store } from './store';

/** Weiban alone for minutes: whether its memory stands still. @returns whether nothing was lost */
export async function soak(
  minutes: number,
  mode: Mode,
  options: Options,
  store: Store,
  numbers: Numbers,
): Promise<boolean> {
  const connections = options.connections.includes(64) ? 64 : options.connections[0]!;
  const plan = {
    mode,
    connections,
    warmup: options.warmup,
    seconds: minutes * 60,
    since: numbers.since,
    built: 0,
    again: false,
    ...freeTexts(options),
  };
  const server = await startServer(store.start());
  const seen: number[] = [];
  const started = performance.now();
  // By the clock, not by counting: a machine that stands still for a while shows here.
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  const watch = () => {
    seen.push(memoryOf(server.pid).now);
    if (seen.length % 15 === 1) console.log(`  ${seconds().padStart(4)} s  ${seen.at(-1)!.toFixed(0)} MB`);
  };
  console.log(`\n${minutes} minutes, ${mode} mode, ${connections} connections; resident memory:`);
  try {
    const first = numbers.next();
    const measured = await load(server, { ...plan, first, port: server.port }, store.postgres, { everySecond: watch });
    numbers.used(measured.sent);
    const kept = await store.check({ ...plan, first, sent: measured.sent, unanswered: measured.unanswered });
    const mean = (part: number[]) => part.reduce((sum, one) => sum + one, 0) / part.length;
    const fifth = Math.max(1, Math.floor(seen.length / 5));
    const [start, end] = [mean(seen.slice(fifth, 2 * fifth)), mean(seen.slice(-fifth))];
    console.log(
      `  ${measured.perSecond.toFixed(0)} requests/s, p99 ${measured.p99.toFixed(1)} ms, longest ${measured.longest.toFixed(0)} ms`,
    );
    console.log(
      `  memory: second fifth ${start.toFixed(0)} MB, last fifth ${end.toFixed(0)} MB, peak ${measured.memory.peak.toFixed(0)} MB`,
    );
    console.log(
      `  answered ${kept.answered}, missing in Postgres ${kept.missing.length}, refused ${measured.unanswered.length}`,
    );
    return kept.missing.length === 0 && measured.unanswered.length === 0;
  } finally {
    await server.stop();
  }
}
