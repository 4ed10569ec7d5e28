/** What this phone keeps. A phone that keeps nothing (private browsing, full) only forgets. */
export const kept = (key: string): string | null => held(() => localStorage.getItem(named(key))) ?? null;

/** @returns whether it is kept */
export const keep = (key: string, value: string): boolean =>
  held(() => localStorage.setItem(named(key), value) ?? true) ?? false;

/** The same for this window, until it is closed: what must not stay on a phone that others use. */
export const keptHere = (key: string): string | null => held(() => sessionStorage.getItem(named(key))) ?? null;

/** @returns whether it is kept */
export const keepHere = (key: string, value: string): boolean =>
  held(() => sessionStorage.setItem(named(key), value) ?? true) ?? false;

export const forgetHere = (key: string): void => held(() => sessionStorage.removeItem(named(key)));

const named = (key: string) => `weiban:${key}`;

function held<T>(storage: () => T): T | undefined {
  try {
    return storage();
  } catch {
    return undefined;
  }
}
