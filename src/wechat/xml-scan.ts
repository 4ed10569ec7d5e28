import type { Fields, FieldValue } from '../dialogue/message';
import { decodeReferences, isBlank, MAX_DEPTH, MAX_ELEMENTS, trimBlank } from './xml-text';

const LT = 60;
const GT = 62;
const SLASH = 47;
const BANG = 33;
const CDATA = '<![CDATA[';

const namePart = new Uint8Array(128);
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_') namePart[c.charCodeAt(0)] = 1;
for (const c of '0123456789.-') namePart[c.charCodeAt(0)] = 2;

/** Thrown inside only: the body holds something the scanner leaves to the full parser. A constant, since a stack costs more than a parse. */
const NOT_MINE = Symbol('not mine');

// The scan in progress. It is synchronous and runs to its end, so one set of variables is enough and costs nothing to set up.
let source = '';
let at = 0;
let elements = 0;

/**
 * Reads what WeChat really sends: one <xml>, elements without attributes, text or CDATA, nothing else. One pass, no regular
 * expression over the body. Undefined when there is anything else in it, right or wrong: the full parser decides then.
 */
export function scanXml(body: string): Fields | undefined {
  source = body;
  at = 0;
  elements = 0;
  try {
    skipProlog();
    expect('<xml>');
    const root = content('xml', 1);
    skipBlank();
    if (at !== source.length) return undefined;
    return typeof root === 'string' ? (root === '' ? Object.create(null) : undefined) : (root as Fields);
  } catch (fault) {
    if (fault === NOT_MINE) return undefined;
    throw fault;
  } finally {
    source = '';
  }
}

function skipProlog(): void {
  skipBlank();
  if (!source.startsWith('<?xml ', at)) return;
  const end = source.indexOf('?>', at);
  if (end < 0 || source[end - 1] === '?') throw NOT_MINE;
  at = end + 2;
  skipBlank();
}

function skipBlank(): void {
  while (isBlank(source.charCodeAt(at))) at++;
}

function expect(what: string): void {
  if (!source.startsWith(what, at)) throw NOT_MINE;
  at += what.length;
}

/** What stands between an opening tag, already read, and its closing tag, which is read too. */
function content(name: string, depth: number): FieldValue {
  if (depth > MAX_DEPTH || ++elements > MAX_ELEMENTS) throw NOT_MINE;
  let text = '';
  let children: Fields | undefined;
  for (;;) {
    if (source.charCodeAt(at) !== LT) text += textRun();
    const next = source.charCodeAt(at + 1);
    if (next === SLASH) {
      closeTag(name);
      if (children === undefined) return text;
      if (text !== '') throw NOT_MINE;
      return children;
    }
    if (next === BANG) {
      text += cdata();
    } else {
      children ??= Object.create(null) as Fields;
      const child = openName();
      add(children, child, source.charCodeAt(at) === SLASH ? emptyElement(depth + 1) : afterOpen(child, depth + 1));
    }
  }
}

function textRun(): string {
  const end = source.indexOf('<', at);
  if (end < 0) throw NOT_MINE;
  const run = source.slice(at, end);
  at = end;
  if (!run.includes('&')) return trimBlank(run);
  const decoded = decodeReferences(run);
  if (decoded === undefined) throw NOT_MINE;
  return trimBlank(decoded);
}

function cdata(): string {
  expect(CDATA);
  const end = source.indexOf(']]>', at);
  if (end < 0) throw NOT_MINE;
  const text = source.slice(at, end);
  at = end + 3;
  return text;
}

function closeTag(name: string): void {
  const end = at + 2 + name.length;
  if (source.charCodeAt(end) !== GT || !source.startsWith(name, at + 2)) throw NOT_MINE;
  at = end + 1;
}

/** Reads `<Name` and stops before what follows it. */
function openName(): string {
  const from = ++at;
  let code = source.charCodeAt(at);
  if (namePart[code] !== 1) throw NOT_MINE;
  while (namePart[code]) code = source.charCodeAt(++at);
  return source.slice(from, at);
}

function afterOpen(name: string, depth: number): FieldValue {
  if (source.charCodeAt(at) !== GT) throw NOT_MINE;
  at++;
  return content(name, depth);
}

function emptyElement(depth: number): string {
  if (depth > MAX_DEPTH || ++elements > MAX_ELEMENTS) throw NOT_MINE;
  expect('/>');
  return '';
}

/** An element that repeats becomes a list; nothing inherited can be met, since the tree has no prototype. */
export function add(into: Fields, name: string, value: FieldValue): void {
  const there = into[name];
  if (there === undefined) into[name] = value;
  else if (Array.isArray(there)) there.push(value);
  else into[name] = [there, value];
}
