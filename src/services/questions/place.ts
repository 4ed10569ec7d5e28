import { stalePage } from '../../platform/errors';

/** The place in a list where the next page starts, as opaque text for the page to hand back. */
export const toPlace = (at: string, id: string): string => Buffer.from(JSON.stringify([at, id])).toString('base64url');

/** @throws UserError when it is none of ours */
export function fromPlace(cursor: string | undefined): [at: string, id: string] | undefined {
  if (cursor === undefined) return undefined;
  const place = parse(cursor);
  const ours =
    Array.isArray(place) &&
    place.length === 2 &&
    /^(-?infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z)$/.test(String(place[0])) &&
    /^\d{1,18}$/.test(String(place[1]));
  if (ours) return [String(place[0]), String(place[1])];
  throw stalePage();
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
