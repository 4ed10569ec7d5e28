import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export type Holder = { pid: number; url: string; end(signal: NodeJS.Signals): Promise<void> };

/** Starts hold.ts beside this file and waits until it holds the folder. Rejects with what it said when it may not. */
export async function holdInAnotherProcess(
  folder: string,
  what: 'lock' | 'postgres',
  env: NodeJS.ProcessEnv = {},
): Promise<Holder> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'hold.ts'), folder, what], {
    env: { ...process.env, ...env },
  });
  const said = await Promise.race([firstOutput(child), failure(child)]);
  return {
    pid: child.pid!,
    url: JSON.parse(said).url,
    end: async (signal) => {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

async function firstOutput(child: ChildProcess): Promise<string> {
  const [data] = await once(child.stdout!, 'data');
  return String(data);
}

async function failure(child: ChildProcess): Promise<never> {
  let said = '';
  child.stderr!.on('data', (data) => {
    said += data;
  });
  await once(child, 'close');
  throw new Error(said.trim());
}
