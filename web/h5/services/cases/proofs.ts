/** What opens a case that was found by its number, until the page is closed: never kept on a phone that others use. */
export function remember(number: string, token: string): void {
  try {
    sessionStorage.setItem(keyOf(number), token);
  } catch {
    // a phone that keeps nothing asks again
  }
}

export function recall(number: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(number));
  } catch {
    return null;
  }
}

const keyOf = (number: string) => `weiban:case:${number}`;
