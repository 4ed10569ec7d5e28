import { plainVisible } from '../../platform/visible';

/** How far a matter is that somebody has applied for, wherever it is kept. */
export type Case = {
  sourceId: number;
  /** in its normal form, see `normalNumber` */
  number: string;
  /** a key of `kinds` */
  kind: string;
  /** one of the kind's states; what the kind does not know is shown as it is */
  state: string;
  /** the oldest first, at least one */
  steps: Step[];
  dueAt: Date | null;
  /** the office has done its part */
  done: boolean;
  /** where to fetch or to go, in words */
  place: string;
  /** the office does not answer now: this is what it said then */
  asOf?: { at: Date; office: string };
};

export type Step = { state: string; at: Date; note?: string };

/** As offices print it and citizens type it: blanks, hyphens and small letters are forgiven. */
export const normalNumber = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{Script=Han}A-Z0-9]/gu, '');

export const numberForm = /^[\p{Script=Han}A-Z0-9]{6,32}$/u;

/** The last four of a document, or the code on the receipt. */
export const normalFactor = (text: string): string => plainVisible(text).toUpperCase();
export const factorForm = /^[A-Z0-9]{4,12}$/;
