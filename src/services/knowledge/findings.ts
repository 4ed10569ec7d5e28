import type { z } from 'zod';
import type { finding } from './contract';
import type { Draft } from './entry';
import { findPersonal, kinds } from './redaction';

/** All that looks personal in an entry, and whether somebody has said that it is not. */
export function findingsIn({ question, answer, aliases, cleared }: Omit<Draft, 'basis'>): z.input<typeof finding>[] {
  const within = (field: 'question' | 'answer' | 'aliases', text: string, index = 0) =>
    findPersonal(text).map((one) => ({
      ...one,
      field,
      index,
      title: kinds[one.kind],
      cleared: cleared.includes(one.text),
    }));
  return [
    ...within('question', question),
    ...within('answer', answer),
    ...aliases.flatMap((alias, index) => within('aliases', alias, index)),
  ];
}
