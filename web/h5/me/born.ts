import type { DocumentKind } from './types';

/** The birthday as a document's number says it, `1990-02-28`; undefined where it does not. */
export function bornIn(kind: DocumentKind, number: string): string | undefined {
  if (kind === 'passport' || kind === 'hk-macao-permit' || kind === 'taiwan-permit') return undefined;
  const [, year, month, day] = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/i.exec(number.replace(/[\s-]/g, '')) ?? [];
  return year && `${year}-${month}-${day}`;
}

/** Full years today in Beijing. */
export function ageNow(born: string): number {
  const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4));
  return today.slice(5) < born.slice(5) ? years - 1 : years;
}
