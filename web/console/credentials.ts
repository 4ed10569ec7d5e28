const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Random letters and digits, made in the browser: what is pasted into WeChat's own page is seen here and goes in one direction only,
 * the server never tells it again.
 */
export function randomLetters(length: number): string {
  let made = '';
  // 248 is the largest multiple of 62 within a byte; what lies above would favour the first letters.
  while (made.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(length)))
      if (byte < 248 && made.length < length) made += letters[byte % letters.length];
  return made;
}

export const freshToken = () => randomLetters(24);
export const freshAesKey = () => randomLetters(43);
