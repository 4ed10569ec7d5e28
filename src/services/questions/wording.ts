import type { FieldEncryption } from '../../platform/field-encryption';
import { looksPersonal, mask } from '../../platform/field-encryption';

const identifiers = /(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx]|\d{15})(?!\d)/g;

/** Words as they are stored: what identifies a person is masked, and the whole sealed beside it. */
export function guarded(text: string, encryption: FieldEncryption): { text: string; sealed: string | null } {
  const clean = text.replaceAll('\u0000', '').toWellFormed();
  if (!looksPersonal(clean)) return { text: clean, sealed: null };
  return { text: clean.replace(identifiers, mask), sealed: encryption.seal(clean) };
}

/** The words in the clear: for the citizen who wrote them, or with a line in the audit trail. */
export const opened = (row: { text: string; text_sealed: string | null }, encryption: FieldEncryption): string =>
  row.text_sealed === null ? row.text : encryption.open(row.text_sealed);

/** The beginning of a text on one line, to stand among other words: without the marks that would turn those around. */
export function excerpt(text: string, length = 60): string {
  const line = [...text.replace(turning, '').replace(/\s+/g, ' ').trim()];
  return line.length > length ? `${line.slice(0, length - 1).join('')}…` : line.join('');
}

const turning = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A place in words; a phone may know only the point. */
export const labelOf = ({
  label,
  latitude,
  longitude,
}: {
  label: string;
  latitude?: number;
  longitude?: number;
}): string =>
  [...label.replace(/\s+/g, ' ').trim()].slice(0, 100).join('') ||
  (latitude === undefined || longitude === undefined ? '' : `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`);

/** How staff know a citizen: enough to tell two apart, not who they are. */
export const citizenName = (openid: string) => `市民 ${openid.length > 10 ? `…${openid.slice(-8)}` : openid}`;

/** Chat texts arrive with full-width forms made plain; between Chinese characters a comma is to look like one again. */
export const punctuated = (text: string): string =>
  text.replace(/(?<=[\p{Script=Han}」）》”\]])[,?!:;]/gu, (mark) => fullWidth[mark]!);
const fullWidth: Record<string, string> = { ',': '，', '?': '？', '!': '！', ':': '：', ';': '；' };
