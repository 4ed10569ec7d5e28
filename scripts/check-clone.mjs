import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runScript } from './lib/children.mjs';
import { root } from './lib/root.mjs';
import { Refusal, say } from './lib/say.mjs';
import { startServer } from './lib/server.mjs';

// `npm start` on a fresh clone, in a path with a space and Chinese characters: ready, ended by Ctrl-C, and warm once more.
await runScript(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), '微办 新克隆-'));
  try {
    const clone = path.join(folder, 'weiban');
    execFileSync('git', ['clone', '--quiet', root, clone], { stdio: ['ignore', 'inherit', 'inherit'] });
    for (const [state, limit] of [
      ['首次', 600],
      ['再次', 60],
    ]) {
      const server = await startServer('npm', ['start'], { cwd: clone, seconds: limit });
      const pages = await Promise.all(['/phone/', '/h5/', '/console/'].map((page) => fetch(`${server.url}${page}`)));
      const { code, seconds } = await server.stop();
      for (const page of pages) if (!page.ok) throw new Refusal(`${page.url} 返回 ${page.status}`);
      if (code !== 0) throw new Refusal(`Ctrl-C 后的退出码是 ${code}，应为 0：\n${server.output()}`);
      if (seconds > 10) throw new Refusal(`Ctrl-C 后 ${seconds.toFixed(1)} 秒才结束，应在 10 秒内`);
      if (existsSync(path.join(clone, '.data/postgres/postmaster.pid')))
        throw new Refusal('服务结束后 PostgreSQL 仍在运行');
      say(`${state}启动：${server.ready.toFixed(1)} 秒就绪，Ctrl-C 后 ${seconds.toFixed(1)} 秒结束`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
