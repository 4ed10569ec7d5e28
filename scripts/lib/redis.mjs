import { execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { runLogged } from './children.mjs';
import { inRoot } from './root.mjs';
import { Refusal } from './say.mjs';

/** Sees to it that redis-server can be run, installing Debian's package where that is allowed. @throws {Refusal} */
export async function ensureRedisServer() {
  if (isOnPath('redis-server')) return;
  if (process.getuid?.() !== 0 || !isOnPath('apt-get'))
    throw new Refusal(
      '测试需要 redis-server：请先安装软件包 redis-server（Debian/Ubuntu：sudo apt-get install redis-server）',
    );
  await withoutService(() => aptInstall('redis-server'));
  if (!isOnPath('redis-server')) throw new Refusal('已安装软件包 redis-server，但 PATH 中仍找不到 redis-server 命令');
}

/** A Redis of the tests' own, on a free port, that keeps nothing. */
export async function startRedis(folder) {
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder].map(String);
  const child = spawn('redis-server', args, { detached: true, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve).on('error', resolve));
  let gone = false;
  ended.then(() => {
    gone = true;
  });
  while (!(await answers(port))) {
    if (gone) throw new Refusal('redis-server 无法启动：请直接运行 redis-server 查看原因');
    await pause(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function aptInstall(name) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const log = inRoot('dist', 'logs', 'apt.log');
  const wait = ['-o', 'DPkg::Lock::Timeout=120', '-q', '-y'];
  const install = () =>
    runLogged(`安装软件包 ${name}`, 'apt-get', [...wait, '--no-install-recommends', 'install', name], { env, log });
  try {
    await install();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await runLogged('更新软件包列表', 'apt-get', [...wait, 'update'], { env, log });
    await install();
  }
}

/** Debian starts a service when it installs it and at every boot; here only the program is wanted. */
async function withoutService(install) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await install();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  if (isOnPath('systemctl')) {
    try {
      execFileSync('systemctl', ['disable', 'redis-server'], { stdio: 'ignore' });
    } catch {
      // No systemd at work here, so nothing starts it either.
    }
  }
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(`${folder}/${name}`));
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.on('error', () => resolve(false));
  });
}

/** A port of this machine that nobody listens on just now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
