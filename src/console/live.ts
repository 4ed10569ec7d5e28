import type { PassThrough } from 'node:stream';
import type Koa from 'koa';
import { UserError } from '../platform/errors';
import { eventStreams, say } from '../platform/http/event-streams';
import type { NumberedEvent } from '../platform/live';
import type { ConsoleDeps } from './deps';
import { callerOf, identifyStaff, type SignedInStaff } from './session';

export const livePath = '/events';

/** Often enough for proxies to keep the connection, and for a session that has ended to be noticed. */
const heartbeatMillis = 20_000;
/** Of one process. */
const mostStreams = 2000;

/**
 * GET /api/console/events: what happens, as server-sent events. `Last-Event-ID` (or `?after=`) resumes: what was missed comes
 * first; `event: reset` says that too much was missed and the page should read everything again.
 */
export function liveEvents(deps: ConsoleDeps): (ctx: Koa.Context) => Promise<void> {
  const open = eventStreams(mostStreams, '打开的页面太多，请稍后再试');
  return async (ctx) => {
    const known = await identifyStaff(ctx, deps);
    if (!known) throw new UserError(401, 'signed-out', '请先登录');
    let { caller } = known;
    const stream = open(String(caller.id));
    const told = new Set<number>();
    const tell = (event: NumberedEvent) => {
      if (told.has(event.id) || !concerns(event, caller)) return;
      remember(told, event.id);
      say(stream, `id: ${event.id}\nevent: ${event.topic}\ndata: ${JSON.stringify(event.data)}\n\n`);
    };
    const off = [
      deps.live.subscribe(tell),
      deps.live.onGap(() => say(stream, 'event: reset\ndata: {}\n\n')),
      deps.live.onClose(() => stream.end()),
    ];
    const heartbeat = setInterval(async () => {
      // The session, not the way in that opened the stream, which lasts a quarter of an hour; and looking on is no use of it.
      const still = await callerOf(caller.session.id, deps, 'looks').catch(() => caller);
      if (!still) return stream.end('event: signed-out\ndata: {}\n\n');
      // With the roles they have now: those that were taken away are told no more.
      caller = still;
      say(stream, ': still here\n\n');
    }, heartbeatMillis);
    stream.once('close', () => {
      clearInterval(heartbeat);
      for (const end of off) end();
    });
    ctx.req.once('close', () => stream.destroy());
    ctx.status = 200;
    ctx.type = 'text/event-stream; charset=utf-8';
    ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    ctx.body = stream;
    say(stream, 'retry: 2000\n\n');
    await catchUp(ctx, deps, tell, stream);
  };
}

async function catchUp(ctx: Koa.Context, deps: ConsoleDeps, tell: (event: NumberedEvent) => void, stream: PassThrough) {
  const after = Number(ctx.get('last-event-id') || ctx.query.after || Number.NaN);
  if (!Number.isSafeInteger(after) || after < 0) return;
  const missed = await deps.live.since(after);
  if (missed) missed.filter(({ id }) => id !== after).forEach(tell);
  else say(stream, 'event: reset\ndata: {}\n\n');
}

const concerns = ({ path, roles }: NumberedEvent, staff: SignedInStaff): boolean =>
  roles.includes(`staff:${staff.id}`) ||
  staff.roles.some((held) => roles.includes(held.role) && path.startsWith(held.path));

/** Catching up and being told may meet: each event once. */
function remember(told: Set<number>, id: number): void {
  told.add(id);
  if (told.size > 1000) told.delete(told.values().next().value!);
}
