/** What a text bubble shows: plain words, links, and WeChat's tappable entries. Never HTML. */
export type Segment =
  | { kind: 'words'; text: string }
  | { kind: 'link'; text: string; url: string }
  | { kind: 'entry'; text: string; says: string; id: string };

const anchor = /<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([^<]*)<\/a>/gi;
// Stops at anything an address cannot hold, so that Chinese words and punctuation after it stay words.
const address = /https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/gi;
const trailing = /[.,;:!?)\]']+$/;

/** WeChat renders `<a href>` in an account's texts and makes bare addresses tappable. */
export function segmentsOf(text: string, fromAccount: boolean): Segment[] {
  if (!fromAccount) return withAddresses(text);
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(anchor)) {
    segments.push(...withAddresses(text.slice(from, match.index)), linkTo(match[1] ?? match[2] ?? '', match[3] ?? ''));
    from = match.index + match[0].length;
  }
  return [...segments, ...withAddresses(text.slice(from))];
}

function linkTo(href: string, label: string): Segment {
  const target = href.replaceAll('&amp;', '&');
  if (/^weixin:\/\/bizmsgmenu\?/i.test(target)) {
    const query = new URLSearchParams(target.slice(target.indexOf('?')));
    return { kind: 'entry', text: label, says: query.get('msgmenucontent') ?? label, id: query.get('msgmenuid') ?? '' };
  }
  return /^https?:\/\//i.test(target) ? { kind: 'link', text: label, url: target } : { kind: 'words', text: label };
}

function withAddresses(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    const url = match[0].replace(trailing, '');
    if (match.index > from) segments.push({ kind: 'words', text: text.slice(from, match.index) });
    segments.push({ kind: 'link', text: url, url });
    from = match.index + url.length;
  }
  if (from < text.length) segments.push({ kind: 'words', text: text.slice(from) });
  return segments;
}
