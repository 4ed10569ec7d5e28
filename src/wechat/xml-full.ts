import { Parser } from 'xml2js';
import type { Fields, FieldValue } from '../dialogue/message';
import { XmlError } from './xml-error';
import { guardXml } from './xml-guard';
import { add } from './xml-scan';
import { MAX_DEPTH, trimBlank } from './xml-text';

/** No XML name may start with a slash or a hash: names marked so can collide neither with each other nor with a prototype. */
const MARK = '/';
const TEXT = '#text';

type Handlers = { ontext: (text: string) => void; oncdata: (text: string) => void };
type Parsed = string | { [name: string]: Parsed } | Parsed[];

/**
 * The full parser: comments, attributes (left out), foreign names, text beside elements (kept as `#text`). It takes what the
 * scanner leaves, and says what the scanner must say. Throws XmlError.
 */
export function parseWithXml2js(body: string): Fields {
  if (trimBlank(body) === '') throw new XmlError('empty');
  guardXml(body);
  const root = parse(body);
  if (typeof root !== 'object' || Array.isArray(root) || !(`${MARK}xml` in root)) throw new XmlError('root');
  const value = toFields(root[`${MARK}xml`]!, 1);
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  const fields: Fields = Object.create(null);
  if (value !== '') fields[TEXT] = value;
  return fields;
}

function parse(body: string): Parsed {
  const parser = new Parser({
    explicitArray: false,
    ignoreAttrs: true,
    charkey: TEXT,
    emptyTag: '',
    tagNameProcessors: [(name) => MARK + name],
  });
  separateTextFromCdata((parser as unknown as { saxParser: Handlers }).saxParser);
  let result: Parsed | undefined;
  parser.on('end', (root: Parsed) => {
    result = root;
  });
  let fault: unknown;
  parser.on('error', (error: unknown) => {
    fault = error;
    // Unless stopped, xml2js goes on after the first fault and gives what it has; it may or may not pass this on.
    throw new XmlError('malformed');
  });
  parser.parseString(body);
  if (fault !== undefined || result === undefined || result === null) throw new XmlError('malformed');
  return result;
}

/**
 * xml2js joins text and CDATA before it looks at white space, so its `trim` either keeps the line ends that WeChat puts around
 * CDATA or eats the blank that a citizen typed inside it. Text is trimmed before the two meet; CDATA is taken as it is.
 */
function separateTextFromCdata(sax: Handlers): void {
  const verbatim = sax.oncdata;
  sax.ontext = (text) => {
    const trimmed = trimBlank(text);
    if (trimmed !== '') verbatim(trimmed);
  };
}

function toFields(value: Parsed, depth: number): FieldValue {
  if (depth > MAX_DEPTH) throw new XmlError('too-deep');
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => toFields(one, depth));
  const fields: Fields = Object.create(null);
  for (const [name, child] of Object.entries(value)) {
    if (name === TEXT) fields[TEXT] = child as string;
    else add(fields, name.slice(MARK.length), toFields(child, depth + 1));
  }
  return fields;
}
