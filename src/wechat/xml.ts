import { isUtf8 } from 'node:buffer';
import type { Fields } from '../dialogue/message';
import { XmlError } from './xml-error';
import { parseWithXml2js } from './xml-full';
import { scanXml } from './xml-scan';
import { isBlank, trimBlank } from './xml-text';

export { XmlError, type XmlFault } from './xml-error';
export { parseWithXml2js } from './xml-full';

/**
 * A body of WeChat's as a tree without prototypes. White space: what a citizen typed stands in CDATA and is kept to the last
 * blank; text outside CDATA is trimmed. An empty element is ''. A repeated one is a list. Throws XmlError.
 */
export function parseXml(body: string): Fields {
  return scanXml(body) ?? parseWithXml2js(body);
}

/** The text of a body, refused when a byte of it is not UTF-8 (a lenient decoder would let two bodies look the same). */
export function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new XmlError('utf8');
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The outside of a callback in safe or compat mode. All else there is unsigned and must not be looked at. */
export type Envelope = { toUserName: string; encrypt: string };

/** Reads ToUserName and Encrypt alone; '' where one is missing. Throws XmlError. */
export function parseEnvelope(body: string): Envelope {
  return scanEnvelope(body) ?? pick(parseXml(body));
}

const shape = [
  '<xml>',
  '<ToUserName><![CDATA[',
  ']]></ToUserName>',
  '<Encrypt><![CDATA[',
  ']]></Encrypt>',
  '</xml>',
] as const;

/** Safe mode's envelope letter by letter, white space between its elements aside. */
function scanEnvelope(body: string): Envelope | undefined {
  let at = 0;
  const skip = (what: string): boolean => {
    while (isBlank(body.charCodeAt(at))) at++;
    if (!body.startsWith(what, at)) return false;
    at += what.length;
    return true;
  };
  const value = (): string => {
    const end = body.indexOf(']]>', at);
    const text = end < 0 ? '' : body.slice(at, end);
    at += text.length;
    return text;
  };
  if (!skip(shape[0]) || !skip(shape[1])) return undefined;
  const toUserName = value();
  if (!body.startsWith(shape[2], at)) return undefined;
  at += shape[2].length;
  if (!skip(shape[3])) return undefined;
  const encrypt = value();
  if (!body.startsWith(shape[4], at)) return undefined;
  at += shape[4].length;
  if (!skip(shape[5]) || trimBlank(body.slice(at)) !== '') return undefined;
  return { toUserName, encrypt };
}

function pick({ ToUserName, Encrypt }: Fields): Envelope {
  return {
    toUserName: typeof ToUserName === 'string' ? ToUserName : '',
    encrypt: typeof Encrypt === 'string' ? Encrypt : '',
  };
}
