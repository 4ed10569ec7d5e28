/** What this phone keeps. A phone that keeps nothing (private browsing, full) only forgets. */
export function kept(key: string): string | null {
  try {
    return localStorage.getItem(`weiban:${key}`);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`weiban:${key}`, value);
  } catch {
    // nothing is lost but a convenience
  }
}
