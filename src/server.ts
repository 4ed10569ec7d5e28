import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createApp, createWorkerApp } from './app';
import type { Config } from './config';
import { buildDeps, type Deps } from './deps';
import { keepMonths } from './dialogue/inbox/months';
import type { Service } from './dialogue/service';
import { prepareFirstStart, publishDemoMenus } from './first-start';
import { migrate } from './platform/database';
import { StartupError } from './platform/startup-error';
import { startWorker } from './worker';

export type Running = {
  deps: Deps;
  url: string;
  /** Takes no more, finishes what is under way, gives up every connection. */
  stop(): Promise<void>;
};

/** Starts the roles asked for on a database that may still be empty. @throws StartupError */
export async function startServer(
  config: Config & { databaseUrl: string; secretKey: string },
  services?: Service[],
): Promise<Running> {
  const http = createServer({
    connectionsCheckingInterval: 2000,
    headersTimeout: 10_000,
    requestTimeout: 120_000,
    keepAliveTimeout: 65_000,
  });
  // Before anything else, so that a port that is taken is told at once; until all is ready it answers 503.
  http.on('request', (_request, response) => void response.writeHead(503, { 'Retry-After': '2' }).end('starting'));
  const port = await listen(http, config);
  const publicUrl = config.port === 0 ? config.publicUrl.replace(/:0$/, `:${port}`) : config.publicUrl;
  try {
    await migrate(config.databaseUrl);
    const deps = await buildDeps(
      { ...config, port, publicUrl, ownUrl: `http://${ownHost(config.host)}:${port}` },
      services,
    );
    return { deps, url: publicUrl, stop: await serve(http, deps) };
  } catch (error) {
    http.close();
    http.closeAllConnections();
    throw error;
  }
}

/** @returns what ends it */
async function serve(http: Server, deps: Deps): Promise<() => Promise<void>> {
  const connections = new Set<Socket>();
  http.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  try {
    await keepMonths(deps);
    await prepareFirstStart(deps);
    // A worker is asked how it fares and nothing else.
    const app = deps.config.web ? createApp(deps) : createWorkerApp(deps);
    http.removeAllListeners('request').on('request', app);
    await publishDemoMenus(deps);
    const worker = deps.config.worker ? await startWorker(deps) : undefined;
    return async () => {
      const closed = close(http, connections);
      deps.live.close();
      await worker?.stop();
      await deps.inbox.drain();
      await deps.simulator?.close();
      await closed;
      await deps.close();
    };
  } catch (error) {
    await deps.close();
    throw error;
  }
}

async function listen(http: Server, { host, port }: Config): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(port, host, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(
      listenFaults[error.code ?? '']?.(host, port) ?? `不能监听 ${host}:${port}：${error.message}`,
    );
  });
  return (http.address() as AddressInfo).port;
}

const listenFaults: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `端口 ${port} 已被占用（${host}）。请停掉占用它的程序，或换一个端口，例如 PORT=3001 npm start`,
  EACCES: (_host, port) => `没有权限监听端口 ${port}。请换一个 1024 以上的端口，例如 PORT=3000 npm start`,
  EADDRNOTAVAIL: (host) => `本机没有地址 ${host}。请检查 HOST`,
  ENOTFOUND: (host) => `不认识主机名 ${host}。请检查 HOST`,
};

const ownHost = (host: string) =>
  host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;

/** Connections that wait for nothing are closed at once, the others when they are answered, all of them after 8 s. */
async function close(http: Server, connections: ReadonlySet<Socket>): Promise<void> {
  if (!http.listening) return;
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  // Browsers open some ahead of need: nothing was ever asked on them, and Node does not count them as idle.
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  // One that has just been answered would wait for a next request.
  const answered = setInterval(() => http.closeIdleConnections(), 100);
  const limit = setTimeout(() => http.closeAllConnections(), 8000);
  await closed;
  clearInterval(answered);
  clearTimeout(limit);
}
