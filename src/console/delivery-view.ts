import { z } from 'zod';
import type { Listed } from '../delivery/delivery';
import { asCustom, type Content } from '../delivery/message';
import type { KeyTitles } from '../dialogue/key-titles';
import { looksPersonal } from '../platform/field-encryption';
import { withoutSignedLinks } from './bubbles';
import { time } from './contract';

export const deliveryStatuses = ['queued', 'sending', 'sent', 'delivered', 'failed', 'waiting'] as const;

export const deliveryItem = z.object({
  id: z.string(),
  at: time.describe('提出发送的时间'),
  openid: z.string(),
  source: z.string().describe('哪个服务或哪位人员'),
  sourceTitle: z.string().describe('同上，给人看的'),
  status: z.enum(deliveryStatuses),
  channel: z.string().nullable(),
  text: z.string(),
  personal: z.boolean(),
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  attempts: z.number(),
  nextAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type DeliveryItem = z.infer<typeof deliveryItem>;

export function describeDelivery(listed: Listed, titles: KeyTitles): DeliveryItem {
  const text = listed.content === null ? '' : deliveryWords(listed.content);
  // Sealing is decided where messages are stored; this only makes sure that nothing recognisable slips onto a screen.
  const personal = listed.content === null || looksPersonal(text);
  return {
    id: listed.id,
    at: listed.createdAt.toISOString(),
    openid: listed.openid,
    source: listed.source,
    sourceTitle: titles.of(listed.source) ?? listed.source,
    status: listed.status,
    channel: listed.channel,
    text: personal ? '含个人信息，已加密保存' : text,
    personal,
    reasonCode: listed.reasonCode,
    reason: listed.reason,
    attempts: listed.attempts,
    nextAt: listed.nextAt?.toISOString() ?? null,
    finishedAt: listed.finishedAt?.toISOString() ?? null,
  };
}

/** The words of a stored message, as a citizen would read them in the chat, but for links that open to whoever has them. */
export const deliveryWords = (content: Content): string => withoutSignedLinks(wordsOf(content));

function wordsOf(content: Content): string {
  const message = asCustom(content);
  switch (message.type) {
    case 'text':
      return message.content;
    case 'news':
      return message.articles.map(({ title }) => title).join('\n');
    case 'msgmenu':
      return [message.head, ...message.list.map(({ content }) => `· ${content}`), message.tail]
        .filter(Boolean)
        .join('\n');
    case 'image':
      return '［图片］';
    case 'voice':
      return '［语音］';
    case 'video':
    case 'music':
      return `［${message.type === 'video' ? '视频' : '音乐'}］${message.title}`;
  }
}
