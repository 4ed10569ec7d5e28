/**
 * The way in lasts a quarter of an hour; another is given for the refresh cookie, which only that one address is sent. Several
 * requests that notice at once share one exchange; other tabs may exchange at the same time, the server lets both go on.
 */
export type Renewed = 'renewed' | 'ended' | 'unreachable';

let underWay: Promise<Renewed> | undefined;

export function renewSession(): Promise<Renewed> {
  underWay ??= exchange().finally(() => {
    underWay = undefined;
  });
  return underWay;
}

async function exchange(): Promise<Renewed> {
  try {
    const { ok, status } = await fetch('/api/console/refresh', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'weiban-console' },
      body: '{}',
    });
    if (ok) return 'renewed';
    return status === 401 ? 'ended' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}
