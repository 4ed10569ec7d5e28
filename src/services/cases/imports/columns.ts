import { documentKinds } from '../../../people/identity/documents';
import { kinds } from '../kinds';
import type { Faults } from '../report';

/** The columns of a sheet of cases, and the field of a report that each is. */
export const columns = {
  编号: 'number',
  类型: 'kind',
  状态: 'state',
  时间: 'at',
  说明: 'note',
  证件类型: 'document.kind',
  证件号码: 'document.number',
  查询码: 'code',
  承诺期限: 'dueAt',
  办理地点: 'place',
} as const;
type Column = keyof typeof columns;
export const needed: readonly Column[] = ['编号', '类型', '状态', '时间'];

const columnOf = new Map<string, string>(Object.entries(columns).map(([title, field]) => [field, title]));

/** Where each column stands, by the header. */
export type Places = Record<Column, number>;

export const placesIn = (header: readonly string[]): Places =>
  Object.fromEntries(Object.keys(columns).map((title) => [title, header.indexOf(title)])) as Places;

export const missingIn = (places: Places): Column[] => needed.filter((title) => places[title] < 0);

/** A row of the sheet as a report, still to be checked: what people write in Chinese by the keys that it has. */
export function reportIn(cells: readonly string[], places: Places): Record<string, unknown> {
  const cell = (title: Column) => cells[places[title]] || undefined;
  const kind = keyOfKind.get(cell('类型') ?? '') ?? cell('类型');
  const state = cell('状态');
  const number = cell('证件号码');
  const documentKind = cell('证件类型') ?? documentKinds['id-card'];
  return {
    number: cell('编号'),
    kind,
    state: stateKeys.get(kind ?? '')?.get(state ?? '') ?? state,
    at: timeOf(cell('时间')),
    note: cell('说明'),
    document: number && { kind: keyOfDocument.get(documentKind) ?? documentKind, number },
    code: cell('查询码'),
    dueAt: timeOf(cell('承诺期限')),
    place: cell('办理地点'),
  };
}

/** The faults of a report by the columns that people see. */
export const inColumns = (faults: Faults, kind: unknown): [place: string, message: string][] =>
  Object.entries(faults).map(([field, message]) => [
    columnOf.get(field) ?? '',
    (field === 'kind' && `应为以下之一：${[...kinds.values()].map(({ title }) => title).join('、')}`) ||
      (field === 'state' && kinds.has(String(kind)) && expectedStates(String(kind))) ||
      (field === 'at' || field === 'dueAt' ? message.replace(/如 .*$/, '如 2026-03-01 09:30') : message),
  ]);

const expectedStates = (kind: string) =>
  `应为「${kinds.get(kind)!.title}」的状态之一：${Object.values(kinds.get(kind)!.states)
    .map(({ title }) => title)
    .join('、')}`;

const keyOfKind = new Map([...kinds.values()].map(({ key, title }) => [title, key]));
const keyOfDocument = new Map<string, string>(Object.entries(documentKinds).map(([key, title]) => [title, key]));
const stateKeys = new Map(
  [...kinds.values()].map(({ key, states }) => [
    key,
    new Map(Object.entries(states).map(([state, { title }]) => [title, state])),
  ]),
);

const written = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2})[:时](\d{2})(?:[:分](\d{2}))?)?$/;

/** `2026-3-2 9:30` and the like are times in Asia/Shanghai; what is none stays as it is, to be told. */
function timeOf(text: string | undefined): string | undefined {
  const found = text === undefined ? null : written.exec(text);
  if (!found) return text;
  const [, year, month, day, hour = '0', minute = '00', second = '00'] = found;
  return `${year}-${two(month!)}-${two(day!)}T${two(hour)}:${minute}:${second}+08:00`;
}
const two = (digits: string) => digits.padStart(2, '0');
