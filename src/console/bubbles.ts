import { z } from 'zod';
import type { KeyTitles } from '../dialogue/key-titles';
import type { Inbound, Reply } from '../dialogue/message';

/** What staff see of a message: words, never XML. */
export const bubble = z.object({
  from: z.enum(['citizen', 'account']),
  /** `event` is a line in the middle of the chat rather than a bubble */
  kind: z.enum(['text', 'event', 'attachment', 'news', 'hidden']),
  text: z.string(),
  link: z.string().nullable().describe('图片、链接等的地址，只有 http(s)'),
  articles: z.array(z.object({ title: z.string(), description: z.string(), link: z.string().nullable() })),
});
export type Bubble = z.infer<typeof bubble>;

/** What a citizen sent or did. */
export function citizenBubble(message: Inbound, titles: KeyTitles): Bubble {
  switch (message.type) {
    case 'text':
      return words('citizen', message.content);
    case 'voice':
      return attachment(message.recognition ? `［语音］${message.recognition}` : '［语音，未识别出文字］');
    case 'image':
      return attachment('［图片］', webLink(message.picUrl));
    case 'video':
    case 'shortvideo':
      return attachment('［视频］');
    case 'location':
      return attachment(`［位置］${message.label || `${message.latitude}, ${message.longitude}`}`);
    case 'link':
      return attachment(`［链接］${message.title}`, pageLink(message.url));
    case 'event':
      return {
        ...words(
          'citizen',
          eventWords(message, (key) => titles.button(key) ?? key),
        ),
        kind: 'event',
      };
    default:
      return attachment(`［其他消息：${message.msgType}］`);
  }
}

/** What the account answered; none where it had nothing to say. */
export function replyBubble(reply: Reply | null): Bubble | undefined {
  switch (reply?.type) {
    case undefined:
    case 'none':
      return undefined;
    case 'text':
      return words('account', reply.content);
    case 'news':
      return {
        ...words('account', reply.articles.map(({ title }) => title).join('\n')),
        kind: 'news',
        articles: reply.articles.map(({ title, description, url }) => ({ title, description, link: pageLink(url) })),
      };
    case 'image':
      return { ...words('account', '［图片］'), kind: 'attachment' };
    case 'voice':
      return { ...words('account', '［语音］'), kind: 'attachment' };
    case 'video':
    case 'music':
      return {
        ...words('account', `［${reply.type === 'video' ? '视频' : '音乐'}］${reply.title}`),
        kind: 'attachment',
      };
    case 'transfer':
      return { ...words('account', '转给人工客服'), kind: 'event' };
  }
}

/** In place of words that hold personal identifiers. */
export const hiddenBubble = (from: Bubble['from']): Bubble => ({
  ...words(from, '含个人信息，已加密保存'),
  kind: 'hidden',
});

export const words = (from: Bubble['from'], text: string): Bubble => ({
  from,
  kind: 'text',
  text: withoutSignedLinks(text),
  link: null,
  articles: [],
});

/** A citizen's signed link opens what is theirs, unmasked, to whoever has it: of such a part of an address staff see that it was there. */
export const withoutSignedLinks = (text: string): string => text.replace(/(?<=\/)[\w.~%-]{41,}/g, '…');

const pageLink = (url: string): string | null => (withoutSignedLinks(url) === url ? webLink(url) : null);

/** Only the web's own addresses are made links of: a citizen chooses what stands in a message. */
const webLink = (url: string): string | null => (/^https?:\/\//i.test(url) ? url : null);

const attachment = (text: string, link: string | null = null): Bubble => ({
  ...words('citizen', text),
  kind: 'attachment',
  link,
});

type InboundEvent = Extract<Inbound, { type: 'event' }>;

function eventWords(message: InboundEvent, button: (key: string) => string): string {
  switch (message.event) {
    case 'subscribe':
      return message.scene ? `关注公众号（二维码 ${message.scene}）` : '关注公众号';
    case 'unsubscribe':
      return '取消关注';
    case 'scan':
      return `扫描二维码 ${message.scene}`;
    case 'location':
      return '上报位置';
    case 'click':
      return `点击菜单「${button(message.key)}」`;
    case 'view':
      return `打开网页 ${message.url}`;
    case 'view_miniprogram':
      return `打开小程序 ${message.path}`;
    case 'scancode_push':
    case 'scancode_waitmsg':
      return `扫码（菜单「${button(message.key)}」）：${message.scanResult}`;
    case 'pic_sysphoto':
    case 'pic_photo_or_album':
    case 'pic_weixin':
      return `发送 ${message.count} 张图片（菜单「${button(message.key)}」）`;
    case 'location_select':
      return `选择位置 ${message.label}`;
    case 'templatesendjobfinish':
      return `模板消息回执：${message.status === 'success' ? '已送达' : '没有送达'}`;
    case 'unknown':
      return `其他事件 ${message.name}`;
    default:
      return eventTitles[message.event];
  }
}

const eventTitles = {
  masssendjobfinish: '群发回执',
  publishjobfinish: '发布回执',
  subscribe_msg_popup_event: '选择要不要订阅通知',
  subscribe_msg_change_event: '改了订阅的通知',
  subscribe_msg_sent_event: '订阅通知回执',
  user_info_modified: '修改了微信资料',
  user_authorization_revoke: '收回授权',
  user_authorization_cancellation: '注销微信号',
  kf_create_session: '人工客服接入',
  kf_close_session: '人工客服结束',
  kf_switch_session: '人工客服转接',
  qualification_verify_success: '公众号资质认证成功',
  qualification_verify_fail: '公众号资质认证失败',
  naming_verify_success: '公众号名称认证成功',
  naming_verify_fail: '公众号名称认证失败',
  annual_renew: '公众号该年审了',
  verify_expired: '公众号认证过期',
};
