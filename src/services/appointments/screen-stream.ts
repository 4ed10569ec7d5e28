import type { PassThrough } from 'node:stream';
import type { ServiceDeps } from '../../dialogue/service';
import { UserError } from '../../platform/errors';
import { eventStreams, say } from '../../platform/http/event-streams';
import { FileAnswer } from '../../platform/http/file-answer';
import type { NumberedEvent } from '../../platform/live';
import { type OpenScreen, screenOf, shownOn } from './screens';

/** Often enough for proxies to keep the connection, and for a screen to notice that it is gone. */
const heartbeatMillis = 10_000;
/** Of one process: no city has this many screens. */
const open = eventStreams(500, '打开的屏太多，请稍后再试');

/**
 * What a screen shows, as server-sent events: all of it at once, and all of it again whenever something has changed, so that a screen
 * that was away has nothing to catch up. `event: gone` says that the link was taken back.
 * @throws UserError 404, 503
 */
export async function screenStream(token: string, deps: ServiceDeps): Promise<FileAnswer> {
  const screen = await screenOf(deps.db, token);
  const stream = open(String(screen.id));
  const show = oneAtATime(() => write(stream, screen, token, deps));
  const off = [
    deps.live.subscribe((event) => concerns(event, screen) && show()),
    deps.live.onGap(show),
    deps.live.onClose(() => stream.end()),
  ];
  // Time passes too: at midnight another day begins.
  const heartbeat = setInterval(show, heartbeatMillis);
  stream.once('close', () => {
    clearInterval(heartbeat);
    for (const end of off) end();
  });
  show();
  return new FileAnswer({ bytes: stream, contentType: 'text/event-stream; charset=utf-8' });
}

async function write(stream: PassThrough, screen: OpenScreen, token: string, deps: ServiceDeps): Promise<void> {
  if (stream.writableEnded || stream.destroyed) return;
  try {
    await screenOf(deps.db, token);
    say(stream, `data: ${JSON.stringify(await shownOn(screen, deps))}\n\n`);
  } catch (error) {
    // Out of reach is not taken back: the screen says that it is, and comes again.
    stream.end(error instanceof UserError ? 'event: gone\ndata: {}\n\n' : undefined);
  }
}

const concerns = ({ topic, data }: NumberedEvent, { id, resource_ids }: OpenScreen): boolean =>
  (topic === 'appointment' && resource_ids.includes(Number(data.resourceId))) ||
  (topic === 'appointment-screen' && data.screen === id);

/** Never two at once, and once more where something happened meanwhile. */
function oneAtATime(act: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    await act();
    running = false;
    if (again) {
      again = false;
      void run();
    }
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}
