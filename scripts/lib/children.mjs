import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './root.mjs';
import { Refusal, say } from './say.mjs';

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
const children = new Set();
let interruption;

class Interrupted extends Error {}

/**
 * Runs a script's work. A fault becomes one line and exit code 1; a signal ends the children first, lets `finally` blocks clean up,
 * and becomes the exit code that shells expect.
 */
export async function runScript(work) {
  for (const signal of Object.keys(numbers)) process.on(signal, interrupt);
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Interrupted) process.exitCode = 128 + numbers[interruption];
    else tell(error);
  } finally {
    letSignalsThrough();
  }
}

/** From here on signals are somebody else's to handle: what is started next in this same process. */
export function letSignalsThrough() {
  for (const signal of Object.keys(numbers)) process.off(signal, interrupt);
}

/** Runs a program at the person's own terminal. @returns its exit code */
export function runShown(command, args, { env } = {}) {
  return run(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Runs a program with its output in a log, telling every few seconds that it is still at work. */
export async function runLogged(title, command, args, { env, log }) {
  mkdirSync(path.dirname(log), { recursive: true });
  const output = openSync(log, 'w');
  const start = performance.now();
  const seconds = () => Math.round((performance.now() - start) / 1000);
  const progress = setInterval(() => say(`${title}… 已用 ${seconds()} 秒`), 5000);
  say(`${title}…`);
  try {
    const code = await run(command, args, { env, stdio: ['ignore', output, output] });
    if (code !== 0) throw new Refusal(`${title}失败：${complaintIn(log)}（完整日志：${log}）`);
    say(`${title}完成，用时 ${seconds()} 秒`);
  } finally {
    clearInterval(progress);
    closeSync(output);
  }
}

/** `npm` as it was called, or the one on the PATH. */
export function npm(...args) {
  const called = process.env.npm_execpath ?? '';
  return /npm-cli\.c?js$/.test(called) ? [process.execPath, [called, ...args]] : ['npm', args];
}

/** @throws {Error} when a signal has ended the script's work */
export function checkInterrupted() {
  if (interruption) throw new Interrupted();
}

function run(command, args, { env, stdio }) {
  checkInterrupted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio });
    children.add(child);
    child.on('error', (error) => {
      children.delete(child);
      reject(error.code === 'ENOENT' ? new Refusal(`找不到命令 ${command}，请先安装它`) : error);
    });
    child.on('close', (code) => {
      children.delete(child);
      if (interruption) reject(new Interrupted());
      else resolve(code ?? 1);
    });
  });
}

function interrupt(signal) {
  interruption ??= signal;
  for (const child of children) child.kill(signal);
}

function tell(error) {
  const told = error instanceof Error && ['Refusal', 'StartupError'].includes(error.name);
  process.stderr.write(`${told ? error.message : (error?.stack ?? error)}\n`);
}

/** The line of a log that most likely says why: the first that speaks of an error, with the next one where it only announces it. */
function complaintIn(log) {
  const lines = stripVTControlCharacters(readFileSync(log, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^npm warn/i.test(line));
  const at = lines.findIndex((line) => /\b[Ee]rror\b|ERR!|\bE[A-Z]{4,}\b|No space left/.test(line));
  if (at < 0) return (lines.at(-1) ?? '没有输出').slice(0, 200);
  // npm's first line is only a code, and vite's first ones only say that there are errors.
  const announces = (line) => line.endsWith(':') || /^npm (error|ERR!) code/.test(line);
  const end = lines.findIndex((line, index) => index >= at && !announces(line));
  return lines
    .slice(at, end < 0 ? undefined : end + 1)
    .join(' ')
    .slice(0, 300);
}
