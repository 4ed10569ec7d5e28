import { randomBytes } from 'node:crypto';

const mark = `int64-${randomBytes(12).toString('hex')}-`;
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/** JSON without blanks, as the platform writes it; a bigint becomes a bare number, however large: WeChat's ids go beyond 2^53. */
export function compactJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${mark}${part}` : part)).replace(
    marked,
    '$1',
  );
}
