/** A fault of the caller's, told to the caller: `message` is Chinese and says what was expected. Everything else is a 500. */
export class UserError extends Error {
  override name = 'UserError';
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 422 | 429 | 503,
    readonly code: string,
    message: string,
    /** where in the input, by path, and what was expected there */
    readonly fields?: Record<string, string>,
  ) {
    super(message);
  }
}

export const notFound = (what: string) => new UserError(404, 'not-found', `找不到${what}`);

/** For a next page that is none of this list, whose filter or order has changed since: pages of ours know the code, and begin anew. */
export const stalePage = () =>
  new UserError(422, 'stale-page', '列表有了变化，请从第一页重新看', { after: '应为上一页给出的 next' });

export function isUniqueViolation(error: unknown): error is Error & { code: string } {
  return hasCode(error) && error.code === '23505';
}

/** Whether Postgres gave a statement up because it took longer than it may. */
export const isStatementTimeout = (error: unknown) => hasCode(error) && error.code === '57014';

/** Whether Postgres was out of reach (as against refusing what it was told), so that trying again makes sense. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = hasCode(error) ? error.code : '';
  return (
    /^(08|57P|53)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT', 'ENOENT'].includes(code) ||
    /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after/.test(
      error.message,
    )
  );
}

function hasCode(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
