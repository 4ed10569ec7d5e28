import type { RequestListener } from 'node:http';
import Koa from 'koa';
import { consoleGroups, consoleRoutes } from './console';
import type { Deps } from './deps';
import { citizenGroup, h5Routes } from './h5';
import { healthRoutes } from './health';
import { openGroups, openRoutes } from './open';
import { pages } from './pages';
import { apiDocumentRoute } from './platform/http/api-document';
import { jsonErrors } from './platform/http/errors';
import { requestLog } from './platform/http/request-log';
import { serveRoutes } from './platform/http/serve';
import { consoleDeps, h5Deps } from './ports';
import { callbackPath, wechatCallback } from './wechat/callback';

/** The whole HTTP server: WeChat's callbacks, and everything else. */
export function createApp(deps: Deps): RequestListener {
  const callback = wechatCallback(deps, deps.inbox.receive);
  const rest = createPages(deps).callback();
  return (request, response) => {
    if (request.url!.startsWith(callbackPath)) void callback(request, response);
    else void rest(request, response);
  };
}

/** What people and back-office systems use, read downwards. */
function createPages(deps: Deps): Koa {
  // In production a proxy stands before us, and the last address in X-Forwarded-For is the one it saw.
  const app = new Koa({ proxy: deps.config.production, maxIpsCount: 1 });
  const staff = consoleDeps(deps);
  const staffServices = deps.installed.services.map(({ key, title, staffRoutes = [] }) => ({
    key,
    title,
    routes: staffRoutes,
    deps: deps.serviceDeps,
  }));
  const shared = h5Deps(deps);
  const citizenRoutes = deps.installed.services.flatMap(({ citizenRoutes = [] }) => citizenRoutes);
  const citizens = [
    citizenGroup('市民', h5Routes, shared, shared),
    citizenGroup('市民：各项服务', citizenRoutes, deps.serviceDeps, shared),
  ] as const;
  const programs = openGroups(deps.installed.services, deps.serviceDeps);

  app.use(requestLog(deps.log));
  // By our clock: pages tell by it how much time is left, whatever the phone that shows them thinks. Not the Date of HTTP: browsers
  // reckon by that when a cookie expires.
  app.use((ctx, next) => {
    ctx.set('X-Server-Time', deps.clock.now().toISOString());
    return next();
  });
  app.use(healthRoutes(deps));
  if (deps.simulator) app.use(deps.simulator.routes);
  app.use(apiDocumentRoute([...consoleGroups(staff, staffServices), ...citizens, ...programs], deps.config.publicUrl));
  app.use(consoleRoutes(staff, staffServices));
  app.use(jsonErrors(deps.log));
  app.use(serveRoutes(citizens[0]));
  app.use(serveRoutes(citizens[1]));
  app.use(openRoutes(programs));
  app.use(pages(deps.config));
  return logging(app, deps);
}

/** What a process without the web role serves: how it fares. */
export function createWorkerApp(deps: Deps): RequestListener {
  const app = new Koa();
  app.use(requestLog(deps.log));
  app.use(healthRoutes(deps));
  return logging(app, deps).callback();
}

function logging(app: Koa, { log }: Deps): Koa {
  return app.on('error', (error: Error & { code?: string }) => {
    // The other side hung up: nothing to mend here.
    if (!hungUp.has(error.code)) log.error({ err: error }, 'a response failed');
  }) as Koa;
}

const hungUp = new Set<string | undefined>(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);
