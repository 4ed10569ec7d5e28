import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { checkInterrupted } from './children.mjs';
import { freePort } from './redis.mjs';
import { Refusal } from './say.mjs';

/**
 * Starts the server by some command on a port of its own and waits until it answers well to `probe`. It gets a process group, as a terminal
 * would give it, so that `stop` is what Ctrl-C is.
 */
export async function startServer(command, args, { cwd, env, seconds = 60, probe = '/readyz' }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  // npm's own variables would have the server's npm believe that it runs in our folder.
  const ours = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/i.test(name)));
  const started = {
    cwd,
    env: { ...ours, PORT: String(port), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  };
  const child = spawn(command, args, started);
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => output.push(text));
  const ended = new Promise((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)).on('error', resolve),
  );
  let end;
  ended.then((code) => {
    end = { code };
  });
  const kill = (signal) => {
    if (!end) process.kill(-child.pid, signal);
  };
  const start = performance.now();
  try {
    while (!(await answers(`${url}${probe}`))) {
      checkInterrupted();
      if (end) throw new Refusal(`服务没有启动（退出码 ${end.code}）：\n${output.join('')}`);
      if (performance.now() - start > seconds * 1000)
        throw new Refusal(`服务在 ${seconds} 秒内没有就绪：\n${output.join('')}`);
      await pause(100);
    }
  } catch (error) {
    kill('SIGTERM');
    throw error;
  }
  const ready = (performance.now() - start) / 1000;
  return { url, ready, output: () => output.join(''), stop: () => stop(kill, ended) };
}

/** @returns how it ended and after how many seconds */
async function stop(kill, ended) {
  const start = performance.now();
  kill('SIGINT');
  const timer = setTimeout(() => kill('SIGKILL'), 15_000);
  const code = await ended;
  clearTimeout(timer);
  return { code, seconds: (performance.now() - start) / 1000 };
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
