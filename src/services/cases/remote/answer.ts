import { parse } from 'lossless-json';
import { Parser, processors } from 'xml2js';
import type { Description } from './description';
import type { Answer } from './exchange';
import { RemoteFault } from './fault';
import { textAt } from './paths';

/** Back ends go deep in their SOAP, but not this deep. */
const mostDeep = 60;

/** An answer as names, lists and texts, whatever it came as; undefined where it says that there is nothing. @throws RemoteFault */
export function readAnswer(answer: Answer, { format, charset, result, noneStatuses }: Description): unknown {
  if (noneStatuses.includes(answer.status)) return undefined;
  if (answer.status < 200 || answer.status > 299)
    throw new RemoteFault('status', `HTTP ${answer.status}`, answer.status);
  const text = decode(answer, charset);
  const root = format === 'json' ? readJson(text) : readXml(text);
  if (!result) return root;
  const code = textAt(root, result.path);
  if (code !== undefined && result.none.includes(code)) return undefined;
  if (code === undefined || !result.ok.includes(code)) throw new RemoteFault('refused');
  return root;
}

/** By what staff wrote, else by what the answer says of itself. @throws RemoteFault */
export function decode({ bytes, contentType }: Answer, charset: Description['charset']): string {
  const said = charset === 'auto' ? declared(bytes, contentType) : charset;
  const encoding = /^gb/i.test(said) ? 'gb18030' : said;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new RemoteFault('charset', /^[\w-]{1,20}$/.test(said) ? `不是 ${said}` : '');
  }
}

const declared = (bytes: Buffer, contentType: string): string =>
  /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ??
  /^\s*<\?xml[^>]*\sencoding=["']([\w-]+)/i.exec(bytes.toString('latin1', 0, 200))?.[1] ??
  'utf-8';

/** Numbers stay as they are written: a case's number may be longer than a number can hold. */
function readJson(text: string): unknown {
  // The parser calls itself for each level.
  if (deeper(text, mostDeep)) throw new RemoteFault('format', `嵌套超过 ${mostDeep} 层`);
  try {
    return parse(text.replace(/^\ufeff/, ''), undefined, (written) => written);
  } catch {
    throw new RemoteFault('format', '不是 JSON');
  }
}

function deeper(json: string, most: number): boolean {
  let depth = 0;
  // A text that does not end is one match as well: looked for again from each of its quotes it would take hours.
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > most) return true;
  }
  return false;
}

type Sax = { ondoctype: () => void; tags: unknown[]; onopentagstart: () => void };

/** Elements by their names without prefix, attributes below `@`, text beside them as `#`. */
function readXml(text: string): unknown {
  const parser = new Parser({
    explicitArray: false,
    attrkey: '@',
    charkey: '#',
    emptyTag: '',
    tagNameProcessors: [processors.stripPrefix],
    attrNameProcessors: [processors.stripPrefix],
  });
  const { saxParser } = parser as unknown as { saxParser: Sax };
  let refused: RemoteFault | undefined;
  const refuse = (fault: RemoteFault) => {
    refused ??= fault;
    throw fault;
  };
  saxParser.ondoctype = () => refuse(new RemoteFault('doctype'));
  saxParser.onopentagstart = () => {
    if (saxParser.tags.length > mostDeep) refuse(new RemoteFault('format', `嵌套超过 ${mostDeep} 层`));
  };
  let [root, failed]: [unknown, boolean] = [undefined, false];
  parser.on('end', (whole: unknown) => {
    root = whole;
  });
  parser.on('error', () => {
    failed = true;
    // Unless stopped, xml2js goes on after the first fault and gives what it has.
    throw new RemoteFault('format', '不是 XML');
  });
  try {
    parser.parseString(text.replace(/^\ufeff/, ''));
  } catch {
    failed = true;
  }
  if (refused) throw refused;
  if (failed || typeof root !== 'object' || root === null) throw new RemoteFault('format', '不是 XML');
  return root;
}
