import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.join(__dirname, '../..');

export type Started = {
  pid: number;
  /** where it serves; undefined when it ended instead */
  url: string | undefined;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** the exit code, or the signal that ended it */
  ended: Promise<number | NodeJS.Signals>;
};

const running = new Set<Started>();

/** Ends what a test has left running. */
export async function endAll(): Promise<void> {
  for (const server of running) server.kill('SIGINT');
  await Promise.all([...running].map(({ ended }) => ended));
}

/** `npm start` as a real process, on any free port unless told, until it serves or has ended. */
export async function startWeiban(env: NodeJS.ProcessEnv): Promise<Started> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [path.join(root, 'scripts/start.mjs')], {
    cwd: '/',
    env: { PATH, HOME, PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  );
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const server: Started = {
    pid: child.pid!,
    url: undefined,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    ended,
  };
  running.add(server);
  void ended.then(() => running.delete(server));
  server.url = await new Promise<string | undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      const [, served] = /微办已启动：(\S+)[\s\S]*按 Ctrl-C 停止/.exec(stdout) ?? [];
      if (served) resolve(served);
    });
    void ended.then(() => resolve(undefined));
  });
  return server;
}
