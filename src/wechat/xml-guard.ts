import { XmlError } from './xml-error';
import { isBlank, MAX_DEPTH, MAX_ELEMENTS, referenceAt } from './xml-text';

const LT = 60;
const GT = 62;
const DOUBLE = 34;
const SINGLE = 39;

/**
 * Refuses, before any general parser sees the body, what no body of WeChat's holds and what parsers are attacked with: a DOCTYPE
 * or any other declaration, entities beyond XML's five, depth, floods of elements, a second root. One pass over the body.
 * The word DOCTYPE inside CDATA, a comment or a value is text and stays text.
 */
export function guardXml(body: string): void {
  let at = 0;
  let depth = 0;
  let elements = 0;
  let amp = body.indexOf('&');

  /** References up to `to`. `amp` is only searched for anew once it is passed, which keeps the whole linear. */
  const checkReferences = (from: number, to: number): void => {
    if (amp >= 0 && amp < from) amp = body.indexOf('&', from);
    while (amp >= 0 && amp < to) {
      const found = referenceAt(body, amp);
      if (!found) throw new XmlError('entity');
      amp = body.indexOf('&', found.end);
    }
  };

  for (let lt = body.indexOf('<'); lt >= 0; lt = body.indexOf('<', at)) {
    checkReferences(at, lt);
    const next = body[lt + 1];
    if (next === '!') {
      at = declaration(body, lt, depth);
    } else if (next === '?') {
      at = processing(body, lt);
    } else if (next === '/') {
      at = past(body, '>', lt + 2);
      if (--depth < 0) throw new XmlError('malformed', 'nothing to close');
    } else {
      const end = tagEnd(body, lt + 1);
      checkReferences(lt, end);
      at = end + 1;
      if (depth === 0 && elements > 0) throw new XmlError('root', 'a second one');
      if (++elements > MAX_ELEMENTS) throw new XmlError('too-many-elements');
      if (depth + 1 > MAX_DEPTH) throw new XmlError('too-deep');
      if (body[end - 1] !== '/') depth++;
    }
  }
  checkReferences(at, body.length);
}

function declaration(body: string, lt: number, depth: number): number {
  if (body.startsWith('<!--', lt)) return past(body, '-->', lt + 4);
  if (!body.startsWith('<![CDATA[', lt)) throw new XmlError('doctype');
  if (depth < 1) throw new XmlError('root', 'CDATA outside of it');
  return past(body, ']]>', lt + 9);
}

/** Parsers disagree on where `??>` ends. */
function processing(body: string, lt: number): number {
  const end = past(body, '?>', lt + 2);
  if (body[end - 3] === '?' && end - 3 > lt + 1) throw new XmlError('malformed', 'processing instruction');
  return end;
}

/** Where the tag that starts here is closed; a `>` within a quoted value does not close it. */
function tagEnd(body: string, from: number): number {
  if (isBlank(body.charCodeAt(from))) throw new XmlError('malformed', 'unescaped <');
  let quote = 0;
  for (let i = from; i < body.length; i++) {
    const code = body.charCodeAt(i);
    if (code === LT) break;
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === DOUBLE || code === SINGLE) {
      quote = code;
    } else if (code === GT) {
      return i;
    }
  }
  throw new XmlError('malformed', 'tag not closed');
}

function past(body: string, what: string, from: number): number {
  const found = body.indexOf(what, from);
  if (found < 0) throw new XmlError('malformed', `no ${what}`);
  return found + what.length;
}
