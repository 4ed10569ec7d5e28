import type { ServiceDeps } from '../../dialogue/service';
import { documentHash } from '../../people/identity/bindings';
import { booleans, floats, ints, texts } from '../../platform/binary-arrays';
import { calendarOf } from '../../platform/calendar-setting';
import { isDone, kinds } from './kinds';
import type { Reported } from './store';
import { codeHash, tailHash } from './stored';

/** A report as it is kept: nothing in it in the clear says whose the case is. */
export const preparedColumns =
  'line, number, kind, person_hash, tail_hash, code_hash, state, steps, at, due_at, promised, done, place';

/** The rows that `prepare` gives as parameters, from the so manieth on. */
export function preparedRows(first: number): string {
  const types = [
    'int',
    'text',
    'text',
    'text',
    'text',
    'text',
    'text',
    'text',
    'text',
    'float8',
    'bool',
    'bool',
    'text',
  ];
  const arrays = types.map((type, nth) => `$${first + nth}::${type}[]`).join(', ');
  return `
    SELECT line, number, kind, person_hash, tail_hash, code_hash, state,
           CASE note WHEN '' THEN jsonb_build_array(jsonb_build_object('state', state, 'at', step_at))
                     ELSE jsonb_build_array(jsonb_build_object('state', state, 'at', step_at, 'note', note)) END AS steps,
           step_at::timestamptz AS at, to_timestamp(due) AS due_at, promised, done, place
      FROM unnest(${arrays})
        AS r (line, number, kind, person_hash, tail_hash, code_hash, state, step_at, note, due, promised, done, place)`;
}

type Deps = Pick<ServiceDeps, 'encryption' | 'settings'>;

/** Hashes what has to be hashed and reckons the day that is promised. `line`: of the file, or the place among others. */
export function prepare(
  reported: readonly { line: number; one: Reported }[],
  { encryption, settings }: Deps,
): unknown[] {
  const calendar = calendarOf(settings);
  const column = <Value>(of: (one: Reported) => Value): Value[] => reported.map(({ one }) => of(one));
  return [
    ints(reported.map(({ line }) => line)),
    texts(column(({ number }) => number)),
    texts(column(({ kind }) => kind)),
    texts(column(({ document }) => (document ? documentHash(document, encryption) : null))),
    texts(
      column(({ number, document }) => (document ? tailHash(number, document.number.slice(-4), encryption) : null)),
    ),
    texts(column(({ number, code }) => (code ? codeHash(number, code, encryption) : null))),
    texts(column(({ state }) => state)),
    texts(column(({ at }) => at.toISOString())),
    texts(column(({ note }) => note ?? '')),
    floats(
      column(({ dueAt, kind, at }) => (dueAt ?? calendar.addWorkingDays(at, kinds.get(kind)!.days)).getTime() / 1000),
    ),
    booleans(column(({ dueAt }) => dueAt !== undefined)),
    booleans(column(({ kind, state }) => isDone(kind, state))),
    texts(column(({ place }) => place ?? '')),
  ];
}
