import { parse } from 'lossless-json';

/**
 * The platform's JSON. Integers that a number cannot hold (msgid is an int64) stay strings; control characters that the
 * platform leaves inside texts are taken as they are meant.
 * @throws SyntaxError
 */
export function parsePlatformJson(text: string): unknown {
  try {
    return parse(text, undefined, exactNumber);
  } catch (error) {
    const escaped = text.replace(
      /[^\u0020-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    if (escaped === text) throw error;
    return parse(escaped, undefined, exactNumber);
  }
}

function exactNumber(literal: string): number | string {
  const number = Number(literal);
  return /^-?\d+$/.test(literal) && !Number.isSafeInteger(number) ? literal : number;
}
