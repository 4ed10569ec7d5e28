import { UserError } from '../../platform/errors';
import { RemoteFault } from './remote/fault';
import type { Askable, CaseSource } from './source';

/** WeChat waits 5 s in all, and the answer has to be stored as well. */
export const sourceLimitMillis = 3000;

/** What a source says, or the end of patience with it. @throws UserError 503 */
export async function within<T>({ title }: CaseSource, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(sourceLimitMillis);
  const unanswered = new UserError(503, 'source-down', `${title}暂时没有应答，请过一会儿再查`);
  const givenUp = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(unanswered), { once: true });
  });
  const answered = ask(limit).catch((error: unknown) => {
    throw error instanceof RemoteFault ? unanswered : error;
  });
  return Promise.race([answered, givenUp]);
}

/** What a source says, or said the last time; with `fault` where it did not answer now. */
export async function nowOrBefore<T>(
  source: CaseSource,
  ask: (of: Askable, signal: AbortSignal) => Promise<T>,
): Promise<{ answer?: T; fault?: Error }> {
  try {
    return { answer: await within(source, (signal) => ask(source, signal)) };
  } catch (error) {
    const fault = error as Error;
    if (!source.lastKnown) return { fault };
    return { fault, answer: await ask(source.lastKnown, AbortSignal.timeout(sourceLimitMillis)) };
  }
}
