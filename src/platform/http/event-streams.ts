import { PassThrough } from 'node:stream';
import { UserError } from '../errors';

/** A page has one, and nobody has so many pages open. */
const mostOfOne = 20;
/** What waits for a page that takes none of it. */
const mostWaiting = 1024 * 1024;

/**
 * Server-sent events of one process: so many pages at once, and of one person, or by one link, so few that the others find a place.
 * There the newest takes the oldest's place, which may be of a connection that is long gone without a word.
 */
export function eventStreams(most: number, refusal: string) {
  const open = new Map<string, Set<PassThrough>>();
  let all = 0;
  /** @throws UserError 503 */
  return (whose: string): PassThrough => {
    const own = open.get(whose) ?? new Set();
    const leave = (stream: PassThrough) => {
      if (!own.delete(stream)) return;
      all--;
      if (own.size === 0) open.delete(whose);
    };
    const [oldest] = own;
    if (oldest && own.size >= mostOfOne) {
      leave(oldest);
      oldest.destroy();
    }
    if (all >= most) throw new UserError(503, 'too-many-pages', refusal);
    const stream = new PassThrough();
    own.add(stream);
    open.set(whose, own);
    all++;
    return stream.once('close', () => leave(stream));
  };
}

/** Whoever has long taken nothing is hung up on: a page that is there comes again, and is told what it missed. */
export function say(stream: PassThrough, words: string): void {
  if (stream.writableEnded || stream.destroyed) return;
  stream.write(words);
  if (stream.writableLength > mostWaiting) stream.destroy();
}
