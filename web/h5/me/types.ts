export const relations = { self: '本人', parent: '父母', child: '子女', spouse: '配偶', other: '其他家人' } as const;
export type Relation = keyof typeof relations;

export const documentKinds = {
  'id-card': '居民身份证',
  'household-register': '户口簿（未满 16 周岁）',
  'hk-macao-permit': '港澳居民来往内地通行证',
  'taiwan-permit': '台湾居民来往大陆通行证',
  'hmt-residence': '港澳台居民居住证',
  'residence-permit': '外国人永久居留身份证',
  passport: '护照',
} as const;
export type DocumentKind = keyof typeof documentKinds;

/** As it is shown: masked. */
export type Person = {
  id: string;
  relation: Relation;
  name: string;
  phone: string;
  documentKind: DocumentKind;
  document: string;
};
export type Persons = { items: Person[] };
export type Consent = { title: string; version: string; text: string };
export type ConsentKind = 'identity' | 'family' | 'guardian' | 'health';
export type ConsentState = {
  kind: ConsentKind;
  title: string;
  version: string;
  state: 'none' | 'given' | 'outdated';
  givenAt: string | null;
  effect: string;
  /** of what is declared for each of the family */
  persons: { id: string; name: string; relation: Relation; state: ConsentState['state']; givenAt: string | null }[];
};
export type PrivacyRequest = {
  id: string;
  kind: 'export' | 'erase' | 'forget';
  status: 'waiting' | 'closing' | 'done' | 'withdrawn' | 'failed';
  askedAt: string;
  dueAt: string;
  doneAt: string | null;
  expiresAt: string | null;
  result: { title: string; erased: number; kept: number; why?: string; until?: string }[];
};
export type Privacy = {
  phone: string | null;
  formerUntil: string | null;
  waitDays: number;
  copyHours: number;
  items: PrivacyRequest[];
};
