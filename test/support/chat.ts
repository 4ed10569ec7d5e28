import type { TestServer } from './server';

/** A conversation: what the citizen does, and the account's reply, word for word. */
export type Turn = { line: number; act: string; reply: string };

/**
 * Reads a .chat file. Lines after `> ` are the citizen's, either words or an act in brackets: [关注], [取消关注], [点击 KEY],
 * [扫码 SCENE], [图片], [语音 words], [位置 label], [链接 title], [等 N 分钟]; what follows is the reply. Lines after `#` are remarks.
 */
export function readChat(text: string): Turn[] {
  const turns: Turn[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('# ')) continue;
    if (line.startsWith('> ')) turns.push({ line: index + 1, act: line.slice(2), reply: '' });
    else if (turns.length > 0) turns.at(-1)!.reply += `${line}\n`;
    else if (line.trim() !== '') throw new Error(`line ${index + 1}: a chat starts with the citizen (\`> …\`)`);
  }
  return turns.map((turn) => ({ ...turn, reply: turn.reply.trim() }));
}

/** Plays one turn on the phone; the reply as the citizen reads it, '' when there is none. */
export async function play(server: TestServer, openid: string, act: string): Promise<string> {
  const waiting = /^\[等 (\d+) 分钟\]$/.exec(act);
  if (waiting) {
    server.deps.clock.offset += Number(waiting[1]) * 60_000;
    return '';
  }
  const { status, replies } = await server.act(openid, toAct(act));
  if (status !== 200) throw new Error(`the callback was answered with ${status}`);
  return replies.map(shown).join('\n').trim();
}

const acts: [RegExp, (match: RegExpExecArray) => object][] = [
  [/^\[关注\]$/, () => ({ event: 'subscribe' })],
  [/^\[取消关注\]$/, () => ({ event: 'unsubscribe' })],
  [/^\[点击 (.+)\]$/, ([, key]) => ({ click: key })],
  [/^\[扫码 (.+)\]$/, ([, scene]) => ({ scan: { scene } })],
  [/^\[图片\]$/, () => ({ image: onePixel })],
  [/^\[语音 ?(.*)\]$/, ([, words]) => ({ voice: words })],
  [/^\[位置 ?(.*)\]$/, ([, label]) => ({ location: { latitude: 30.1, longitude: 120.2, label } })],
  [/^\[链接 (.+)\]$/, ([, title]) => ({ link: { title, url: 'https://example.com/' } })],
];

function toAct(act: string): object {
  for (const [form, make] of acts) {
    const match = form.exec(act);
    if (match) return make(match);
  }
  return { text: act };
}

function shown(reply: { type: string; content?: string; [part: string]: unknown }): string {
  if (reply.type === 'text') return reply.content!;
  if (reply.type === 'notice') return `[${reply.content}]`;
  if (reply.type === 'news')
    return (reply.articles as { title: string }[]).map(({ title }) => `[图文 ${title}]`).join('\n');
  return `[${reply.type}]`;
}

const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
