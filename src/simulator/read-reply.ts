import { CryptoError, type Secrets } from '../wechat/crypto';
import { openReply, parseReply } from '../wechat/reply-parse';
import { decodeUtf8, XmlError } from '../wechat/xml';
import { findMedia, mediaUrl } from './media-store';
import type { NewMessage, SimulatedAccount, Simulator } from './types';

/** Why a reply is one that citizens would see as «该公众号提供的服务出现故障». */
export class BadReply extends Error {
  override name = 'BadReply';
}

export type ReplyRead = { plain: string; messages: NewMessage[] };

type Asked = {
  openid: string;
  secrets: Secrets /** a message from the citizen, to which only one article may come back */;
  message: boolean;
};

/** The bubbles that a callback's answer makes, read as strictly as the platform reads it. Throws BadReply. */
export async function readReply(
  sim: Simulator,
  account: SimulatedAccount,
  body: Buffer,
  asked: Asked,
): Promise<ReplyRead> {
  const { plain, parsed } = open(account, body, asked.secrets);
  const { reply, address } = parsed;
  if (address && address.to !== asked.openid) throw new BadReply('ToUserName 不是发来消息的人');
  if (address && address.from !== account.originalId) throw new BadReply('FromUserName 不是本公众号的原始 ID');
  const media = async (id: string) => {
    const found = await findMedia(sim, id, account.key);
    if (!found) throw new BadReply(`MediaId 不存在或已过期：${id}`);
    return mediaUrl(sim, id);
  };
  const one = (type: string, content: Record<string, unknown>): ReplyRead => ({
    plain,
    messages: [{ from: 'account', via: 'reply', type, body: content }],
  });
  switch (reply.type) {
    case 'none':
    case 'transfer':
      return { plain, messages: [] };
    case 'text':
      if (Buffer.byteLength(reply.content) > 2048) throw new BadReply('文本超过 2048 字节');
      return one('text', { content: reply.content });
    case 'image':
      return one('image', { url: await media(reply.mediaId) });
    case 'voice':
      return one('voice', { url: await media(reply.mediaId), recognition: '' });
    case 'video':
      return one('video', { url: await media(reply.mediaId), title: reply.title, description: reply.description });
    case 'music': {
      const { title, description, musicUrl, hqMusicUrl, thumbMediaId } = reply;
      return one('music', { title, description, musicUrl, hqMusicUrl, thumbUrl: await media(thumbMediaId) });
    }
    case 'news':
      // Of several articles after a message the platform sends only the first.
      return one('news', { articles: asked.message ? reply.articles.slice(0, 1) : reply.articles });
  }
}

function open(account: SimulatedAccount, body: Buffer, secrets: Secrets) {
  try {
    const text = decodeUtf8(body);
    const plain = account.mode === 'plain' ? text : openReply(text, secrets, account.appid);
    return { plain, parsed: parseReply(plain) };
  } catch (error) {
    if (error instanceof CryptoError) throw new BadReply(`密文无法解开（${error.code}）`);
    if (error instanceof XmlError) throw new BadReply(`无法读懂的回复（${error.message}）`);
    throw error;
  }
}
