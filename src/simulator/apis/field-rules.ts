import { PlatformError } from '../errcode';

const length = (text: string) => [...text].length;
const upTo = (most: number) => (text: string) => length(text) <= most;

/** What each type of field may hold, by the start of its name. */
const rules: [name: RegExp, fits: (text: string) => boolean][] = [
  [/^thing/, upTo(20)],
  [/^number/, (text) => text.length <= 32 && /^\d+(\.\d+)?$/.test(text)],
  [/^letter/, (text) => /^[A-Za-z]{1,32}$/.test(text)],
  [/^symbol/, (text) => length(text) <= 5 && !/[\p{L}\p{N}]/u.test(text)],
  [/^character_string/, (text) => /^[\x20-\x7e]{1,32}$/.test(text)],
  [/^time/, (text) => upTo(64)(text) && isTime(text)],
  [/^date/, (text) => upTo(64)(text) && isDate(text)],
  [/^amount/, (text) => /^[^\d\s]?\d{1,10}(\.\d+)?元?$/.test(text)],
  [/^phone_number/, (text) => /^[\d+\-() ]{1,17}$/.test(text)],
  [/^car_number/, upTo(8)],
  [/^name/, (text) => (/\p{Script=Han}/u.test(text) ? length(text) <= 10 : /^[A-Za-z\p{P}\p{S} ]{1,20}$/u.test(text))],
  [/^phrase/, (text) => length(text) <= 5 && /^\p{Script=Han}+$/u.test(text)],
  [/^const/, upTo(20)],
];

/** The values of a notice, each of its type; 47003 names the first field that does not fit. */
export function checkFields(names: string[], data: Record<string, unknown>): Record<string, { value: string }> {
  const unknown = Object.keys(data).find((name) => !names.includes(name));
  if (unknown) throw new PlatformError(47003, `argument invalid! data.${unknown} is not in the template`);
  return Object.fromEntries(names.map((name) => [name, { value: checkField(name, data[name]) }]));
}

function checkField(name: string, given: unknown): string {
  const value = typeof given === 'object' && given !== null && 'value' in given ? given.value : undefined;
  if (value === undefined || value === null || String(value) === '')
    throw new PlatformError(47003, `argument invalid! data.${name}.value is empty`);
  const text = String(value);
  const rule = rules.find(([prefix]) => prefix.test(name));
  if (rule && !rule[1](text)) throw new PlatformError(47003, `argument invalid! data.${name}.value invalid`);
  return text;
}

const year = /^\d{4}(年|-|\/|\.)\d{1,2}(月|-|\/|\.)\d{1,2}日?/;
const hour = /\d{1,2}[:：]\d{2}([:：]\d{2})?/;
const isDate = (text: string) => year.test(text);
const isTime = (text: string) => year.test(text) || hour.test(text);
