import { stalePage } from '../../platform/errors';

/** The place in a list where the next page starts, as opaque text for the page to hand back. */
export const toPlace = (at: string, id: string): string => Buffer.from(JSON.stringify([at, id])).toString('base64url');

/** @throws UserError when it is none of ours */
export function fromPlace(cursor: string | undefined): [at: string, id: string] | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, at, id] = /^\["(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","(\d{1,18})"\]$/.exec(text) ?? [];
  if (at && id && !Number.isNaN(Date.parse(at))) return [at, id];
  throw stalePage();
}
