import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkInterrupted } from './children.mjs';
import { inRoot } from './root.mjs';
import { say } from './say.mjs';

/** One process at a time: `npm start` and `npm test` may both find the same thing missing. */
export async function inTurn(name, work) {
  const file = inRoot('dist', `.${name}.turn`);
  mkdirSync(path.dirname(file), { recursive: true });
  let waiting = false;
  while (!take(file)) {
    if (!waiting) say(`另一个进程正在做同样的事（${name}），等它完成…`);
    waiting = true;
    checkInterrupted();
    await pause(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!lives(holderOf(file))) rmSync(file, { force: true });
    return false;
  }
}

function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function lives(pid) {
  // Nothing written yet: its maker is just about to.
  if (!pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
