import { serverNow } from '../../shared/server-time';
import type { DocumentKind } from './types';

/** The birthday as a document's number says it, `1990-02-28`; undefined where it does not. */
export function bornIn(kind: DocumentKind, number: string): string | undefined {
  if (kind === 'passport' || kind === 'hk-macao-permit' || kind === 'taiwan-permit') return undefined;
  const [, year, month, day] = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/i.exec(plain(number)) ?? [];
  return year && `${year}-${month}-${day}`;
}

/** As the server takes it: a copied number brings blanks, hyphens, full-width forms and marks along that nobody sees. */
const plain = (number: string) =>
  number.normalize('NFKC').replace(/[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\-‐-―]/gu, '');

/** Full years today in Beijing. */
export function ageNow(born: string): number {
  const today = new Date(serverNow() + 8 * 3600_000).toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4));
  return today.slice(5) < born.slice(5) ? years - 1 : years;
}
