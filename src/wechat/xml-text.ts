/**
 * What scanner and fallback must agree on about characters: white space, references, limits.
 */

/** Elements inside one another, the root included. WeChat's deepest event has 5. */
export const MAX_DEPTH = 16;
/** Elements in one body. WeChat's largest event (a mass send of 8 checked articles) has about 100. */
export const MAX_ELEMENTS = 2048;

/** Blank, tab and line ends: XML's white space. A full-width blank is text. */
export const isBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** Text outside CDATA without the white space around it. */
export function trimBlank(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

const reference = /&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/y;
const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The reference that starts at `at`: what it stands for and where it ends. Undefined for any but XML's five and numbers. */
export function referenceAt(text: string, at: number): { value: string; end: number } | undefined {
  reference.lastIndex = at;
  const found = reference.exec(text);
  if (!found) return undefined;
  const end = reference.lastIndex;
  if (found[1]) return { value: named[found[1]]!, end };
  const code = found[2] ? Number.parseInt(found[2], 10) : Number.parseInt(found[3]!, 16);
  return isXmlChar(code) ? { value: String.fromCodePoint(code), end } : undefined;
}

/** Text with its references replaced, once; undefined when one is not XML's own. */
export function decodeReferences(text: string): string | undefined {
  let out = '';
  let from = 0;
  for (let amp = text.indexOf('&'); amp >= 0; amp = text.indexOf('&', from)) {
    const found = referenceAt(text, amp);
    if (!found) return undefined;
    out += text.slice(from, amp) + found.value;
    from = found.end;
  }
  return out + text.slice(from);
}

/** XML 1.0's Char. Others do arrive raw (U+0002 in a citizen's text) and are let through there; by number they are refused. */
function isXmlChar(code: number): boolean {
  if (code < 32) return code === 9 || code === 10 || code === 13;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
