import { stalePage } from '../platform/errors';

const shapes = {
  id: /^\d{1,18}$/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  text: /^[^\0]{0,200}$/,
};

/** The place in a list where the next page starts, as opaque text for the page to hand back. */
export const toCursor = (...place: (string | Date)[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** @throws UserError when it is none of ours */
export function fromCursor(cursor: string | undefined, ...expected: (keyof typeof shapes)[]): string[] | null {
  if (cursor === undefined) return null;
  const place = parse(cursor);
  const ours =
    Array.isArray(place) &&
    place.length === expected.length &&
    place.every((part, index) => typeof part === 'string' && shapes[expected[index]!].test(part));
  if (ours) return place as string[];
  throw stalePage();
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
