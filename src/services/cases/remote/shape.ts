import type { Description } from './description';

/** How a text is built, without what it says: `2026-03-01` is `****-**-**`. */
export const shapeOf = (text: string): string => text.replace(/[\p{L}\p{N}]/gu, '*');

/** What stands between quotation marks was sent; the words around it are ours. */
export const veiled = (words: string): string => words.replace(/「.*」/gs, shapeOf);

/** An answer with its names, and of its contents the shapes alone. One that is not what it was said to be has no names. */
export const structureOf = (text: string, format: Description['format']): string =>
  format === 'json' ? ofJson(text) : ofXml(text);

const ofJson = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"?(\s*:)?|[^\s{}[\],:"]+/gs, (token, isName) => (isName ? token : shapeOf(token)));

const ofXml = (text: string): string =>
  text.replace(/<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)|<[^<>]*>?|[^<]+/gs, (part) =>
    /^<[^!]/.test(part) ? part.replace(/=\s*(?:"[^"]*"?|'[^']*'?|[^\s>]+)/g, shapeOf) : shapeOf(part),
  );
