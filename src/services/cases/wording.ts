import { shanghai } from '../../platform/clock';
import type { Case } from './case';
import { isFinal, kinds, kindTitle, stateTitle, stateWords } from './kinds';

/** A case in a citizen's words: for the chat and for the page. */
export function told({ kind, number, state, steps, dueAt, done, place }: Case) {
  return {
    number,
    title: kindTitle(kind),
    state: stateTitle(kind, state),
    words: stateWords(kind, state),
    steps: steps.map(({ state: name, at, note }) => ({ title: stateTitle(kind, name), at, note: note ?? '' })),
    due: done || !dueAt ? null : dueAt,
    ended: isFinal(kind, state),
    place,
    bring: kinds.get(kind)?.bring ?? [],
    ask: kinds.get(kind)?.ask ?? '',
  };
}

export const dayTold = (at: Date): string => {
  const [, month, day] = /^\d+-(\d+)-(\d+)/.exec(shanghai(at))!;
  return `${Number(month)}月${Number(day)}日`;
};

/** `10:32`, with its day where that is another. */
export const timeTold = (at: Date, now: Date): string => {
  const [day, time] = shanghai(at).split(' ');
  return day === shanghai(now).split(' ')[0] ? time! : `${dayTold(at)} ${time}`;
};
