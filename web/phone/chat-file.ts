import { eventText } from './event-text';
import type { Message } from './types';

/** From this pause on a test has to wait too: a flow is dropped when nothing is said for so long. */
const idleMinutes = 30;

/**
 * A chat as a conversation test: what the citizen does after `> `, what the account replies as it stands.
 * Only replies are kept: deliveries come in their own time, which a word-for-word test does not know. Our own address,
 * which is another one wherever the test runs, becomes `{{url}}`.
 */
export function chatFile(messages: Message[], origin: string): string {
  const lines: string[] = [];
  let before: Message | undefined;
  let told = true;
  for (const message of messages) {
    if (message.from === 'citizen') {
      const pause = before ? minutesBetween(before, message) : 0;
      if (pause >= idleMinutes) lines.push(`> [等 ${pause} 分钟]`);
      const line = act(message);
      told = line.startsWith('> ');
      lines.push(line);
    } else if (told && (message.via === 'reply' || message.via === 'notice'))
      lines.push(withoutAddress(reply(message), origin));
    before = message;
  }
  return `${lines.join('\n')}\n`;
}

/** What a test has no way to say becomes a remark, and the reply to it is left out. */
function act(message: Message): string {
  switch (message.type) {
    case 'text':
      return `> ${message.content.replaceAll('\n', ' ')}`;
    case 'image':
      return '> [图片]';
    case 'voice':
      return `> [语音 ${message.recognition ?? ''}]`;
    case 'location':
      return `> [位置 ${message.label ?? ''}]`;
    case 'link':
      return `> [链接 ${message.title}]`;
    case 'event':
      return event(message) ?? `# ${eventText(message, [])}`;
    default:
      return `# ${message.type}`;
  }
}

function event({ event: name, key = '' }: { event: string; key?: string }): string | undefined {
  switch (name.toLowerCase()) {
    case 'subscribe':
      return key.startsWith('qrscene_') ? `> [扫码 ${key.slice('qrscene_'.length)}]` : '> [关注]';
    case 'unsubscribe':
      return '> [取消关注]';
    case 'click':
      return `> [点击 ${key}]`;
    case 'scan':
      return `> [扫码 ${key}]`;
    default:
      return undefined;
  }
}

function reply(message: Message): string {
  if (message.type === 'text') return message.content;
  if (message.type === 'notice') return `[${message.content}]`;
  if (message.type === 'news') return message.articles.map((article) => `[图文 ${article.title}]`).join('\n');
  return `[${message.type}]`;
}

function withoutAddress(text: string, origin: string): string {
  return text.replaceAll(origin, '{{url}}').replaceAll(origin.replace('//localhost', '//127.0.0.1'), '{{url}}');
}

function minutesBetween(earlier: Message, later: Message): number {
  return Math.floor((new Date(later.at).getTime() - new Date(earlier.at).getTime()) / 60_000);
}
