import type { Calculator, Condition, RuleLine } from './rules';

/** A choice by its key; a number as it is; money in fen. */
export type Answers = Record<string, string | number>;
export type Line = { title: string; fen: number; rule: string };
export type Result = {
  total: { title: string; fen: number };
  rest: { title: string; fen: number } | null;
  lines: Line[];
};

/** What it comes to, and by which rules. All in whole fen. */
export function calculate({ lines, total, rest }: Calculator, answers: Answers): Result {
  const found: Line[] = [];
  for (const line of lines) {
    if (!holds(line.when, answers)) continue;
    const fen = amountOf(line, answers, sumOf(found));
    // What adds nothing is not said, unless that is the whole answer.
    if (line.surcharge && fen === 0) continue;
    found.push({ title: line.title, fen, rule: line.rule });
  }
  const sum = sumOf(found);
  return {
    total: { title: total, fen: sum },
    rest: rest ? { title: rest.title, fen: numberOf(answers, rest.of) - sum } : null,
    lines: found,
  };
}

export const holds = (when: Condition | undefined, answers: Answers): boolean =>
  Object.entries(when ?? {}).every(([key, wanted]) => [wanted].flat().includes(String(answers[key])));

function amountOf({ fen = 0, each, share, surcharge }: RuleLine, answers: Answers, before: number): number {
  if (share) {
    const above = Math.max(0, numberOf(answers, share.of) - share.above);
    return Math.min(share.cap, permilleOf(above, share.permille));
  }
  if (surcharge) {
    const rate = Math.min(surcharge.most, numberOf(answers, surcharge.each) * surcharge.permille);
    return permilleOf(before, rate);
  }
  return each ? fen * numberOf(answers, each) : fen;
}

const permilleOf = (fen: number, permille: number) => Math.floor((fen * permille + 500) / 1000);
const sumOf = (lines: Line[]) => lines.reduce((sum, { fen }) => sum + fen, 0);
const numberOf = (answers: Answers, key: string) => Number(answers[key] ?? 0);
