import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Context, Middleware } from 'koa';
import type { Deps } from './deps';
import { countJobs } from './platform/jobs';
import { projectRoot } from './platform/project-root';

export type HealthPart = { name: string; ok: boolean; message: string };

/** What this process can and cannot do at present, part by part. Redis is told about but never needed. */
export async function checkHealth({
  db,
  cache,
  config,
  installed,
}: Deps): Promise<{ ready: boolean; parts: HealthPart[] }> {
  const database = await Promise.race([
    db.query('SELECT 1').then(
      () => ({ ok: true, message: '正常' }),
      (error: Error) => ({ ok: false, message: `连不上：${error.message}` }),
    ),
    new Promise<{ ok: boolean; message: string }>((resolve) =>
      setTimeout(resolve, 2000, { ok: false, message: '2 秒内没有回应' }).unref(),
    ),
  ]);
  const pages = ['console', 'h5'].filter((page) => !existsSync(path.join(projectRoot, 'dist/web', page, 'index.html')));
  const parts = [
    { name: 'database', ...database },
    { name: 'redis', ok: true, message: redisWords[cache.state()] },
    {
      name: 'pages',
      ok: pages.length === 0 || !config.web,
      message: pages.length === 0 ? '正常' : `缺少页面 ${pages.join('、')}，请运行 npm run build`,
    },
    {
      name: 'services',
      ok: installed.services.length > 0,
      message: installed.services.map(({ title }) => title).join('、') || '没有安装任何服务',
    },
  ];
  return { ready: parts.every(({ ok }) => ok), parts };
}

const redisWords = {
  redis: '正常',
  'in-process': '未配置，各进程自用缓存',
  'redis-unreachable': '连不上，各进程自用缓存',
};

/** /healthz: the process lives. /readyz: it can serve, or what is missing. /metrics: for Prometheus. */
export function healthRoutes(deps: Deps): Middleware {
  return async (ctx, next) => {
    if (ctx.path === '/healthz') ctx.body = 'ok';
    else if (ctx.path === '/readyz') await answerReadiness(ctx, deps);
    else if (ctx.path === '/metrics') await answerMetrics(ctx, deps);
    else await next();
  };
}

async function answerReadiness(ctx: Context, deps: Deps): Promise<void> {
  const health = await checkHealth(deps);
  ctx.status = health.ready ? 200 : 503;
  ctx.body = health;
}

async function answerMetrics(ctx: Context, { db, metrics }: Deps): Promise<void> {
  const { totalCount, idleCount, waitingCount } = db.inboxPool;
  metrics.pool.set({ state: 'open' }, totalCount);
  metrics.pool.set({ state: 'idle' }, idleCount);
  metrics.pool.set({ state: 'waiting' }, waitingCount);
  // Without Postgres the rest is still worth telling.
  const jobs = await countJobs(db).catch(() => undefined);
  if (jobs) for (const [state, count] of Object.entries(jobs)) metrics.queue.set({ state }, count);
  ctx.type = metrics.registry.contentType;
  ctx.body = await metrics.registry.metrics();
}
