/** An XML body laid out for reading: one element a line, CDATA kept as it came. What cannot be read stays raw. */
export function prettyXml(body: string): string {
  if (!body.trimStart().startsWith('<')) return body;
  const parsed = new DOMParser().parseFromString(body, 'text/xml');
  if (parsed.getElementsByTagName('parsererror').length > 0) return body;
  return lines(parsed.documentElement, '').join('\n');
}

function lines(element: Element, indent: string): string[] {
  const children = [...element.children];
  if (children.length === 0) return [`${indent}<${element.nodeName}>${textOf(element)}</${element.nodeName}>`];
  return [
    `${indent}<${element.nodeName}>`,
    ...children.flatMap((child) => lines(child, `${indent}  `)),
    `${indent}</${element.nodeName}>`,
  ];
}

function textOf(element: Element): string {
  return [...element.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join('');
}

export type XmlToken = { kind: 'tag' | 'mark' | 'text'; text: string };

/** For colouring only: tags, CDATA marks, and what is between them. */
export function xmlTokens(text: string): XmlToken[] {
  return text
    .split(/(<!\[CDATA\[|\]\]>|<\/?[A-Za-z_][^<>]*>)/)
    .filter((part) => part !== '')
    .map((part) => ({ kind: kindOf(part), text: part }));
}

function kindOf(part: string): XmlToken['kind'] {
  if (part === '<![CDATA[' || part === ']]>') return 'mark';
  return /^<\/?[A-Za-z_][^<>]*>$/.test(part) ? 'tag' : 'text';
}
