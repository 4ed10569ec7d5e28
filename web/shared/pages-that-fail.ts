import type { Router } from 'vue-router';

const restartKey = 'weiban:restarted-at';

/**
 * A page of which the file does not come. After an update it has another name, which only a fresh start knows; without a network the
 * tap did nothing, and one is told so.
 */
export function recoverPages(router: Router, tell: (words: string) => void): void {
  router.onError(async (error: Error, { fullPath }) => {
    if (!/dynamically imported module|importing a module|preload css|error loading/i.test(error.message)) return;
    const reachable = await fetch(location.pathname, { cache: 'no-store' }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!reachable || !mayRestart()) return tell('网络不太好，这一页没有打开，请再试一次');
    history.replaceState(null, '', `${location.pathname}${location.search}#${fullPath}`);
    location.reload();
  });
}

/** Once in ten seconds. A phone that keeps nothing would start again and again: it does not. */
function mayRestart(): boolean {
  try {
    const justDone = Date.now() - Number(sessionStorage.getItem(restartKey) ?? 0) < 10_000;
    if (!justDone) sessionStorage.setItem(restartKey, String(Date.now()));
    return !justDone;
  } catch {
    return false;
  }
}
