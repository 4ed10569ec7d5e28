import { type FieldEncryption, looksPersonal } from '../platform/field-encryption';

type Article = { title: string; description: string; picUrl: string; url: string };

/** What a customer-service message can be. */
export type Message =
  | { type: 'text'; content: string }
  | { type: 'image'; mediaId: string }
  /** a picture of ours, which the platform is given when the message leaves: what it is given lives three days there */
  | { type: 'image'; fileId: string }
  | { type: 'voice'; mediaId: string }
  | { type: 'video'; mediaId: string; title: string; description: string }
  | { type: 'music'; title: string; description: string; musicUrl: string; hqMusicUrl: string; thumbMediaId: string }
  | { type: 'news'; articles: Article[] }
  | { type: 'msgmenu'; head: string; list: { id: string; content: string }[]; tail: string };

/** Replies that are no message; given to `enqueue` they lead to no delivery. */
export type NoMessage = { type: 'none' } | { type: 'transfer'; kfAccount?: string };

/** What the citizen is told where only a notice from a template can reach them. */
export type Notice = {
  /** e.g. `appointments.booked`; the account's settings say which template it is sent with */
  kind: string;
  /** heading when it is sent as an ordinary message: 预约成功 */
  title: string;
  /** label → value: { 预约时间: '2026-03-01 09:00' } */
  data: Record<string, string>;
  url?: string;
};

export type Content = { message?: Message; notice?: Notice };

/** Content as the columns `body` and `sealed`: sealed where it names a person. */
export function store(content: Content, personal: boolean, encryption: FieldEncryption) {
  const json = toJson(content);
  return personal || looksPersonal(json) ? { body: null, sealed: encryption.seal(json) } : { body: json, sealed: null };
}

export function open(row: { body: Content | null; sealed: string | null }, encryption: FieldEncryption): Content {
  return row.sealed === null ? row.body! : (JSON.parse(encryption.open(row.sealed)) as Content);
}

/** What leaves as a customer-service message: a notice alone is written out, of several articles a list is made (WeChat takes one). */
export function asCustom({ message, notice }: Content): Message {
  if (!message) return { type: 'text', content: writeOut(notice!) };
  if (message.type !== 'news' || message.articles.length <= 1) return message;
  const list = message.articles.map(({ title, url }) => (url ? `${title}\n${url}` : title)).join('\n\n');
  return { type: 'text', content: list };
}

function writeOut({ title, data, url }: Notice): string {
  const lines = Object.entries(data).map(([label, value]) => `${label}：${value}`);
  return [title, ...lines, ...(url ? [`查看详情：${url}`] : [])].join('\n');
}

/** JSON that Postgres takes: neither U+0000 nor half of a surrogate pair. */
function toJson(content: Content): string {
  return JSON.stringify(content, (_key, part) =>
    typeof part === 'string' ? part.replaceAll('\u0000', '\ufffd').toWellFormed() : part,
  );
}
