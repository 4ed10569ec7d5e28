import type { Context } from 'koa';
import { messageById, messagesAfter } from '../messages';
import type { Simulator } from '../types';

const beat = 15_000;

/** Server-sent events of one account, or one chat of it: `chat`, `menu`, `clock`. After a gap the browser says what it had last. */
export function serveLive(
  sim: Simulator,
  ctx: Context,
  account: string,
  openid: string | undefined,
  open: Set<() => void>,
): void {
  // Written past Koa, which takes every closed tab for an error of a streamed body.
  ctx.respond = false;
  const stream = ctx.res;
  const last = Number(ctx.get('last-event-id') || Number.NaN);
  const send = (event: string, data: object, id?: number) => {
    stream.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  // Messages go out one after the other, however long each takes to load.
  let line = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    line = line.then(work).catch((error: unknown) => sim.log.warn({ err: error }, 'live event lost'));
  };
  const off = [
    sim.events.subscribe('simulator', (data) => {
      const told = data as { kind: string; account: string; openid?: string; id?: number };
      if (told.account !== account) return;
      if (told.kind === 'menu') inTurn(async () => send('menu', { account }));
      if (told.kind !== 'chat' || (openid && told.openid !== openid)) return;
      inTurn(async () => {
        const message = await messageById(sim, told.id!);
        if (message) send('chat', { account, openid: told.openid, message }, message.id);
      });
    }),
    sim.events.subscribe('clock', () => send('clock', { now: sim.clock.now().toISOString() })),
  ];
  const heart = setInterval(() => stream.write(': here\n\n'), beat);
  const close = () => {
    clearInterval(heart);
    for (const unsubscribe of off) unsubscribe();
    open.delete(close);
    stream.end();
  };
  open.add(close);
  stream.once('close', close);
  stream.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  stream.write('retry: 2000\n\n');
  if (!Number.isSafeInteger(last)) return;
  inTurn(async () => {
    const missed = await messagesAfter(sim, account, openid, last);
    for (const { openid: of, message } of missed) send('chat', { account, openid: of, message }, message.id);
  });
}
