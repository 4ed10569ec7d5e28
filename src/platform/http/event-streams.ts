import { PassThrough } from 'node:stream';
import { UserError } from '../errors';

/** A page has one, and nobody has so many pages open. */
const mostOfOne = 20;
/** What waits for a page that takes none of it. */
const mostWaiting = 1024 * 1024;

/** Server-sent events of one process: so many pages at once, and of one person, or by one link, so few that the others find a place. */
export function eventStreams(most: number, refusal: string) {
  const open = new Map<string, number>();
  let all = 0;
  /** @throws UserError 429, 503 */
  return (whose: string): PassThrough => {
    const own = open.get(whose) ?? 0;
    if (all >= most || own >= mostOfOne) throw new UserError(own >= mostOfOne ? 429 : 503, 'too-many-pages', refusal);
    open.set(whose, own + 1);
    all++;
    return new PassThrough().once('close', () => {
      all--;
      const left = open.get(whose)! - 1;
      if (left > 0) open.set(whose, left);
      else open.delete(whose);
    });
  };
}

/** Whoever has long taken nothing is hung up on: a page that is there comes again, and is told what it missed. */
export function say(stream: PassThrough, words: string): void {
  if (stream.writableEnded || stream.destroyed) return;
  stream.write(words);
  if (stream.writableLength > mostWaiting) stream.destroy();
}
