import type { FiledEntry } from '../../../src/services/knowledge/load';
import { fillerMatters } from '../guides/filler';

const asked = [
  '要什么材料',
  '怎么办',
  '多久能办好',
  '在哪里办',
  '可以代办吗',
  '网上能办吗',
  '要多少钱',
  '过期了怎么办',
];

/** Entries of other authorities, as many as asked: around the ones that citizens' questions are about. */
export const fillerEntries = (count: number): FiledEntry[] =>
  fillerMatters(count).map(({ title, aliases, summary, steps, fee, duration }, index) => ({
    organisation: 'city',
    question: `${title}${asked[index % asked.length]}`,
    answer: `${summary}${steps.join('，')}。${fee}，${duration}。`,
    aliases,
  }));
