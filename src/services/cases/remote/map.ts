import type { ServiceDeps } from '../../../dialogue/service';
import { calendarOf } from '../../../platform/calendar-setting';
import { type Case, normalFactor, normalNumber, type Step } from '../case';
import { isDone, kinds } from '../kinds';
import { outside } from '../report';
import type { Description } from './description';
import { listAt, textAt } from './paths';
import { readTime } from './times';

/** Whose a case is, as far as the back end says. */
export type Owner = { number: string | undefined; document: string | undefined; code: string | undefined };

export function ownerOf(raw: unknown, { mapping }: Description): Owner {
  const number = textAt(raw, mapping.number);
  const factor = (path: string) => {
    const text = textAt(raw, path);
    return text === undefined ? undefined : normalFactor(text);
  };
  return {
    number: number === undefined ? undefined : normalNumber(number),
    document: factor(mapping.document),
    code: factor(mapping.code),
  };
}

/** The citizen's factor is the end of the document, or the code on the receipt. */
export const factorFits = (factor: string, { document, code }: Owner): boolean =>
  (document !== undefined && document.length >= 4 && factor.length === 4 && document.endsWith(factor)) ||
  (code !== undefined && code.length >= 4 && code === factor);

/** The whole number where the back end gives it, else as much as it shows of it. */
export function documentFits(number: string, { document }: Owner): boolean {
  if (document === undefined || document.length < 4) return false;
  if (document === number) return true;
  if (!/\*/.test(document)) return document.length === 4 && number.endsWith(document);
  const [head = '', tail = ''] = [/^[^*]*/, /[^*]*$/].map((form) => form.exec(document)![0]);
  return tail.length >= 4 && number.startsWith(head) && number.endsWith(tail);
}

export type Mapped = { one: Case; unknown: string[] } | { faults: string[] };

/** A case in our words, or what could not be read, each in words that name the path and not what stands there. */
export function mapCase(
  raw: unknown,
  sourceId: number,
  description: Description,
  { settings, clock }: Pick<ServiceDeps, 'settings' | 'clock'>,
): Mapped {
  const { mapping } = description;
  const faults: string[] = [];
  const number = ownerOf(raw, description).number;
  if (!number) faults.push(`${mapping.number} 没有编号`);
  const theirs = textAt(raw, mapping.kind);
  const kind = own(mapping.kinds, theirs ?? '*') ?? mapping.kinds['*'];
  if (!kind) faults.push(`${mapping.kind || 'kinds'}：办件类型「${short(theirs)}」没有对应`);
  const now = clock.now();
  const steps = stepsOf(raw, description, now, faults);
  const due = timeAt(raw, mapping.due, description, now, faults);
  if (faults.length > 0 || !kind || !number) return { faults };

  const unknown: string[] = [];
  const named = steps.map((step): Step => {
    const ours = own(kind.states, step.state);
    if (!ours) unknown.push(`状态「${short(step.state)}」没有对应，照原样显示`);
    return { ...step, state: ours ?? short(step.state) };
  });
  const state = named.at(-1)!.state;
  const one = {
    sourceId,
    number,
    kind: kind.kind,
    state,
    steps: named,
    dueAt: due ?? calendarOf(settings).addWorkingDays(named[0]!.at, kinds.get(kind.kind)!.days),
    done: isDone(kind.kind, state),
    place: (textAt(raw, mapping.place) ?? '').slice(0, 100),
  };
  return { one, unknown: [...new Set(unknown)] };
}

function stepsOf(raw: unknown, description: Description, now: Date, faults: string[]): Step[] {
  const { state, at, note, steps } = description.mapping;
  const from = steps ? listAt(raw, steps.list).slice(0, 200) : [raw];
  const where = steps ?? { state, at, note };
  const prefix = steps ? `${steps.list} 里的 ` : '';
  const found = from.flatMap((each): Step[] => {
    const name = textAt(each, where.state);
    const time = timeAt(each, where.at, description, now, faults, prefix);
    if (name === undefined) faults.push(`${prefix}${where.state} 没有状态`);
    if (time === undefined && textAt(each, where.at) === undefined) faults.push(`${prefix}${where.at} 没有时间`);
    if (name === undefined || time === undefined) return [];
    const words = textAt(each, where.note)?.slice(0, 200);
    return [{ state: name, at: time, ...(words && { note: words }) }];
  });
  if (from.length === 0) faults.push(`${steps!.list} 一步也没有`);
  return found.sort((one, other) => one.at.getTime() - other.at.getTime());
}

/** Of another back end than ours a day ahead may be planned, decades ahead it is a slip or no date at all. */
const aheadMillis = 20 * 366 * 24 * 3600_000;

function timeAt(
  raw: unknown,
  path: string,
  { mapping }: Description,
  now: Date,
  faults: string[],
  prefix = '',
): Date | undefined {
  const text = textAt(raw, path);
  if (text === undefined) return undefined;
  const time = readTime(text, mapping.time);
  const fault = time ? outside(time, now, aheadMillis) : `不是约定的写法（${mapping.time.format}）`;
  if (fault) faults.push(`${prefix}${path} 的时间${fault}`);
  return fault ? undefined : time;
}

/** What is under a name of the office's, which may be one that every object has, such as `constructor`. */
const own = <T>(all: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(all, name) ? all[name] : undefined;

/** For the eye: a state of the office's own that we have no words for. */
const short = (text: string | undefined): string => (text ?? '').slice(0, 20);
