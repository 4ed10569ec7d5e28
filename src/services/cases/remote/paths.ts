import { z } from 'zod';

const name = '[^.[\\]{}"\'\\s]{1,60}';
const index = '\\[(?:\\d{1,4}|-1)\\]';
const form = new RegExp(`^(?:|${name}(?:${index})*(?:\\.${name}(?:${index})*)*)$`, 'u');

/** Where something stands in an answer: `data.list[0].state`, names and indexes alone; empty for the answer itself. Nothing runs. */
export const path = z
  .string()
  .trim()
  .max(200)
  .regex(form, '应为形如 data.list[0].state 的路径：名称用点隔开，第几个写在方括号里，[-1] 是最后一个');

/** What stands there; undefined where nothing does. */
export function valueAt(root: unknown, path: string): unknown {
  if (path === '') return root;
  let at = root;
  for (const part of path.split(/\.|(?=\[)/)) {
    if (part.startsWith('[')) at = listOf(at).at(Number(part.slice(1, -1)));
    else at = isRecord(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}

/** A text or a number that stands there, without blanks around it; undefined for none and for an empty one. */
export function textAt(root: unknown, path: string): string | undefined {
  if (path === '') return undefined;
  const value = valueAt(root, path);
  // An XML element with attributes has its text beside them.
  const text = isRecord(value) && Object.hasOwn(value, '#') ? value['#'] : value;
  return typeof text === 'string' || typeof text === 'boolean' ? String(text).trim() || undefined : undefined;
}

/** A list that stands there. One alone is a list of one: XML does not tell the two apart. */
export const listAt = (root: unknown, path: string): unknown[] => listOf(valueAt(root, path));

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null || value === '' ? [] : [value];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
