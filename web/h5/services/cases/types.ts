export type Brief = {
  token: string;
  number: string;
  title: string;
  state: string;
  at: string;
  ended: boolean;
  person: string | null;
  /** the office does not answer now: what it said then */
  asOf: { at: string; office: string } | null;
};

export type Mine = { known: boolean; items: Brief[]; down: string[] };

export type Whole = Brief & {
  words: string;
  steps: { title: string; at: string; note: string }[];
  due: string | null;
  late: boolean;
  place: string;
  bring: string[];
  ask: string;
  followed: boolean;
};
