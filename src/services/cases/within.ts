import { UserError } from '../../platform/errors';
import type { CaseSource } from './source';

/** WeChat waits 5 s in all, and the answer has to be stored as well. */
export const sourceLimitMillis = 3000;

/** What a source says, or the end of patience with it. @throws UserError 503 */
export async function within<T>({ title }: CaseSource, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(sourceLimitMillis);
  const unanswered = new UserError(503, 'source-down', `${title}暂时没有应答，请过一会儿再查`);
  const givenUp = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(unanswered), { once: true });
  });
  return Promise.race([ask(limit), givenUp]);
}
