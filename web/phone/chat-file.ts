import type { Message } from './types';

/**
 * A chat as a conversation test: what the citizen does after `> `, what the account replies as it stands.
 * Only replies are kept: deliveries come in their own time, which a word-for-word test does not know.
 */
export function chatFile(messages: Message[]): string {
  const text = messages
    .filter((message) => message.from === 'citizen' || message.via === 'reply' || message.via === undefined)
    .map((message) => (message.from === 'citizen' ? act(message) : reply(message)))
    .filter((line) => line !== undefined)
    .join('\n');
  return `${text}\n`;
}

function act(message: Message): string | undefined {
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
      return event(message.event, message.key ?? '');
    default:
      return undefined;
  }
}

function event(name: string, key: string): string | undefined {
  switch (name.toLowerCase()) {
    case 'subscribe':
      return key.startsWith('qrscene_') ? `> [扫码 ${key.slice('qrscene_'.length)}]` : '> [关注]';
    case 'unsubscribe':
      return '> [取消关注]';
    case 'click':
      return `> [点击 ${key}]`;
    case 'scan':
    case 'scancode_push':
    case 'scancode_waitmsg':
      return `> [扫码 ${key}]`;
    default:
      return undefined;
  }
}

function reply(message: Message): string | undefined {
  switch (message.type) {
    case 'text':
      return message.content;
    case 'news':
      return message.articles.map((article) => `[图文 ${article.title}]`).join('\n');
    case 'image':
      return '[图片]';
    case 'notice':
      return `[${message.content}]`;
    default:
      return undefined;
  }
}

export function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 1000);
}
