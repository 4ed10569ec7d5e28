import { fork } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from '../support/compiled';
import { cpuSeconds, familyCpuSeconds, memoryOf } from '../support/processes';
import { type ServerProcess, type Start, startServer } from '../support/server-process';
import type { Loaded, Plan } from './load';

export type Measured = Loaded & {
  perSecond: number;
  /** MB */
  memory: { now: number; peak: number };
  /** processors kept busy during the measured seconds */
  busy: { server: number; postgres: number; generator: number };
};

/** What else happens while it is measured. */
export type Hooks = {
  started?(server: ServerProcess): void;
  everySecond?(): void;
  ended?(server: ServerProcess): void;
};

/** One run: a fresh server, a fresh load generator, both gone afterwards. `postgres` is the process id of the postmaster, or 0. */
export async function measure(
  start: Start,
  plan: Omit<Plan, 'port'>,
  postgres: number,
  hooks?: Hooks,
): Promise<Measured> {
  const server = await startServer(start);
  try {
    return await load(server, { ...plan, port: server.port }, postgres, hooks);
  } finally {
    await server.stop();
  }
}

/** Loads a server that runs already. */
export async function load(server: ServerProcess, plan: Plan, postgres: number, hooks: Hooks = {}): Promise<Measured> {
  const generator = fork(compiled('bench', 'callback', 'load-process.js'), { execArgv: [] });
  const usage = () => ({
    server: cpuSeconds(server.pid),
    postgres: postgres ? familyCpuSeconds(postgres) : 0,
    generator: cpuSeconds(generator.pid!),
  });
  let ticking: NodeJS.Timeout | undefined;
  try {
    let before = usage();
    let startedAt = 0;
    const loaded = await new Promise<Loaded>((resolve, reject) => {
      generator.on('exit', (code) => code && reject(new Error(`the load generator ended with ${code}`)));
      generator.on('message', (said: { ready?: true; measuring?: true; loaded?: Loaded }) => {
        if (said.ready) generator.send('go');
        if (said.loaded) resolve(said.loaded);
        if (!said.measuring) return;
        before = usage();
        startedAt = performance.now();
        hooks.started?.(server);
        if (hooks.everySecond) ticking = setInterval(hooks.everySecond, 1000);
      });
      generator.send(plan);
    });
    const after = usage();
    hooks.ended?.(server);
    const seconds = (performance.now() - startedAt) / 1000;
    const share = (name: keyof typeof before) => (after[name] - before[name]) / seconds;
    const busy = { server: share('server'), postgres: share('postgres'), generator: share('generator') };
    return { ...loaded, perSecond: loaded.answers / loaded.seconds, memory: memoryOf(server.pid), busy };
  } finally {
    clearInterval(ticking);
    if (generator.connected) generator.disconnect();
    if (generator.exitCode === null) {
      const ended = once(generator, 'exit');
      const force = setTimeout(() => generator.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(force);
    }
  }
}
