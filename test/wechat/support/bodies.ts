import type { Fields, FieldValue } from '../../../src/dialogue/message';
import type { Random } from './random';

// Taken once: inside jest every look at a global is slow.
const { create, keys, entries } = Object;
const { isArray, from: listOf } = Array;
const { min } = Math;

/** A body made up by WeChat's grammar and a little beyond it, with the tree that it must give. */
export type Made = { xml: string; expected: Fields };

const names = [
  'ToUserName',
  'FromUserName',
  'CreateTime',
  'MsgType',
  'Content',
  'MsgId',
  'Event',
  'EventKey',
  'List',
  'item',
  'ScanCodeInfo',
  'fail_idx',
  'xml',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'cdata',
  '_',
  'a.b-c',
  'Location_X',
  '名称',
  'ns:name',
];
const words = [
  '办事',
  '身份证丢了咋办',
  '😀👨‍👩‍👧𠮷',
  'hello',
  ' ',
  '\u3000',
  '\u00a0',
  '\n',
  '1760000000',
  '\u0002',
  ']',
  ']]',
  '>',
  '"',
  "'",
  '=',
  '/',
  '<b>x</b>',
  '<!DOCTYPE xml>',
  '<!-- -->',
  '&amp;',
  '&nope;',
  '<?xml ?>',
  '\ufeff',
  '\ud800',
];
const blanks = ['', '', '', '\n', ' ', '\r\n    ', '\t'];

export function makeBody(random: Random): Made {
  const fields = tree(random, random.one([1, 1, 2, 2, 3, 4]));
  const prolog = random.chance(10)
    ? random.one(['<?xml version="1.0" encoding="UTF-8"?>', '<!-- c -->', '\ufeff'])
    : '';
  const opening = random.chance(4) ? random.one(['<xml a="1">', "<xml b='&lt;>'>", '<xml >']) : '<xml>';
  return {
    xml: `${prolog}${random.one(blanks)}${opening}${inner(random, fields)}</xml>${random.one(blanks)}`,
    expected: fields,
  };
}

function tree(random: Random, depth: number): Fields {
  const fields: Fields = create(null);
  for (let n = random.below(6); n > 0; n--) {
    const name = random.one(names);
    const repeat = random.chance(15) ? 2 + random.below(3) : 1;
    const values = listOf({ length: repeat }, () => value(random, depth - 1));
    if (!(name in fields)) fields[name] = repeat === 1 ? values[0]! : values;
  }
  return fields;
}

function value(random: Random, depth: number): FieldValue {
  if (depth > 0 && random.chance(30)) {
    const inside = tree(random, depth);
    if (keys(inside).length > 0) return inside;
  }
  return listOf({ length: random.below(4) }, () => random.one(words)).join('');
}

function inner(random: Random, fields: Fields): string {
  let out = random.one(blanks);
  for (const [name, content] of entries(fields)) {
    for (const one of isArray(content) ? content : [content]) {
      out += element(random, name, one as string | Fields) + random.one(blanks);
      if (random.chance(2)) out += random.one(['<!-- <b> -->', '<?pi x?>']);
    }
  }
  return out;
}

function element(random: Random, name: string, content: string | Fields): string {
  const open = random.chance(2) ? `<${name} k="v">` : `<${name}>`;
  if (typeof content !== 'string') return `${open}${inner(random, content)}</${name}>`;
  if (content === '')
    return random.one([
      `<${name}></${name}>`,
      `<${name}/>`,
      `<${name}><![CDATA[]]></${name}>`,
      `<${name}>\n</${name}>`,
    ]);
  // Text keeps no blank at its ends, so what has one goes as CDATA, as all that citizens type does.
  const bare = random.chance(40) && !/^[ \t\r\n]|[ \t\r\n]$/.test(content);
  const body = bare ? escaped(random, content) : `${random.one(blanks)}${cdata(random, content)}${random.one(blanks)}`;
  return `${open}${body}</${name}>`;
}

function cdata(random: Random, content: string): string {
  const cut = random.chance(15) ? random.below(content.length) : content.length;
  return [content.slice(0, cut), content.slice(cut)]
    .map((part) => `<![CDATA[${part.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`)
    .join(random.chance(20) ? '\n' : '');
}

function escaped(random: Random, content: string): string {
  return content.replace(/[&<>"']/g, (c) => {
    const code = c.charCodeAt(0);
    const name = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }[c]!;
    return random.one([name, `&#${code};`, `&#x${code.toString(16)};`, `&#0${code};`]);
  });
}

const shards = [
  '<',
  '>',
  '/',
  '&',
  ';',
  ']]>',
  '<![CDATA[',
  '<!DOCTYPE x>',
  '<!ENTITY a "b">',
  '<!--',
  '-->',
  '<?',
  '?>',
  '??>',
  '</xml>',
  '<xml>',
  '<a>',
  '</a>',
  '<a/>',
  '<__proto__>',
  '</__proto__>',
  '&lt;',
  '&#0;',
  '&#xD800;',
  '&#x110000;',
  '&#65',
  '&nbsp;',
  '&constructor;',
  '&AMP;',
  '&#X41;',
  ' ',
  '\n',
  '\0',
  '\ud800',
  '\udc00',
  '\ufeff',
  'k="v"',
  "k='",
  '=',
  '!',
  '-',
  '<!x',
  '<![cdata[',
  '#text',
  '<1>',
  '<Content',
  'x',
];

/** One to four blows at a body: something cut, doubled, moved, put in or put over. */
export function mutate(random: Random, xml: string): string {
  let out = xml;
  for (let n = 1 + random.below(4); n > 0; n--) {
    const from = random.below(out.length + 1);
    const to = min(out.length, from + random.below(12));
    const part = out.slice(from, to);
    const blow = random.below(6);
    if (blow === 0) out = out.slice(0, from) + out.slice(to);
    else if (blow === 1) out = out.slice(0, from) + part + part + out.slice(to);
    else if (blow === 2) out = out.slice(0, from) + random.one(shards) + out.slice(from);
    else if (blow === 3) out = out.slice(0, from) + random.one(shards) + out.slice(to);
    else if (blow === 4)
      out = out.slice(0, from) + random.one(shards) + out.slice(from, to) + random.one(shards) + out.slice(to);
    else if (random.chance(20)) out = random.chance(50) ? out.slice(0, from) : out.slice(from);
  }
  return out;
}
