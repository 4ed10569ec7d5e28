import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type ServerProcess = {
  pid: number;
  port: number;
  /** Asks it to end, and ends it by force when it does not. */
  stop(): Promise<void>;
  /** As a power cut would: nothing is finished. */
  kill(): Promise<void>;
};

export type Start = {
  /** node's arguments: options, the script, its arguments */
  args: string[];
  env?: NodeJS.ProcessEnv;
  /** where it says 200 once it is ready */
  ready: string;
  port?: number;
};

const patience = 60_000;

/** For a program of its own: Ctrl-C ends what it has started as well. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
}

/** Starts a server by plain node on a port of its own and waits until it is ready. */
export async function startServer(start: Start): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryStarting(start, start.port ?? (await freePort()));
    } catch (error) {
      // Another program may take the port between our look and the server's.
      if (start.port || attempt === 3) throw error;
    }
  }
}

async function tryStarting({ args, env, ready }: Start, at: number): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env, PORT: String(at) },
    // Its input ends when we do: one that listens to it ends with us, whatever ends us.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const cutOff = () => void child.kill('SIGKILL');
  process.once('exit', cutOff);
  child.once('exit', () => process.off('exit', cutOff));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      if (said.length > 20) said.shift();
    });
  }
  await becomesReady(child, `http://127.0.0.1:${at}${ready}`, said);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(force);
  };
  return { pid: child.pid!, port: at, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function becomesReady(child: ChildProcess, url: string, said: string[]): Promise<void> {
  const start = performance.now();
  while (!(await answers(url))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`a server ended before it was ready:\n${said.join('')}`);
    if (performance.now() - start > patience) {
      child.kill('SIGKILL');
      throw new Error(`a server was not ready within ${patience / 1000} s:\n${said.join('')}`);
    }
    await pause(50);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
