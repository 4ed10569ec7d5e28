/** What somebody may show at the counter instead of the number of their booking; the first is told by its digits. */
export const shownKinds = {
  auto: '编号或身份证',
  'hk-macao-permit': '港澳通行证',
  'taiwan-permit': '台湾通行证',
  'hmt-residence': '港澳台居住证',
  'residence-permit': '外国人永居证',
  passport: '护照',
} as const;
export type ShownKind = keyof typeof shownKinds;
export type ShownDocument = { kind: Exclude<ShownKind, 'auto'> | 'id-card'; number: string };

/** The booking's code, or the document that only this number can be; of passports and Taiwan permits the clerk says which. */
export function read(text: string, kind: ShownKind): { code: string } | ShownDocument | undefined {
  const number = text.replace(/[\s-]/g, '').toUpperCase();
  if (number === '') return undefined;
  if (kind !== 'auto') return { kind, number };
  if (/^\d{8}$/.test(number)) return { code: number };
  if (/^8[123]0000\d{11}[\dX]$/.test(number)) return { kind: 'hmt-residence', number };
  if (/^9\d{16}[\dX]$/.test(number) || /^[A-Z]{3}\d{12}$/.test(number)) return { kind: 'residence-permit', number };
  if (/^\d{17}[\dX]$/.test(number)) return { kind: 'id-card', number };
  if (/^[HM]\d{8}(\d{2})?$/.test(number)) return { kind: 'hk-macao-permit', number };
  return undefined;
}
