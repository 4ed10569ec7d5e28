import type { Fields, Reply } from '../dialogue/message';
import { openSealed, type Secrets } from './crypto';
import { count, fieldsOf, list, text } from './fields';
import type { Address } from './reply';
import { decodeUtf8, parseXml, XmlError } from './xml';

/**
 * What WeChat makes of an account's answer; the simulator's side of reply.ts, and as unforgiving as the platform: what citizens
 * would see as «该公众号提供的服务出现故障» throws XmlError `reply`.
 */
export function parseReply(xml: string): { reply: Reply; address?: Address } {
  if (xml === '' || xml === 'success') return { reply: { type: 'none' } };
  const fields = parseXml(xml);
  const address = {
    to: needed(fields, 'ToUserName'),
    from: needed(fields, 'FromUserName'),
    createTime: count(needed(fields, 'CreateTime')),
  };
  // Milliseconds are a common slip: thirteen digits.
  if (address.createTime <= 0 || address.createTime > 9_999_999_999) throw new XmlError('reply', 'CreateTime');
  return { reply: toReply(needed(fields, 'MsgType'), fields), address };
}

function toReply(type: string, f: Fields): Reply {
  switch (type) {
    case 'text':
      return { type, content: needed(f, 'Content') };
    case 'image':
      return { type, mediaId: needed(fieldsOf(f.Image), 'MediaId') };
    case 'voice':
      return { type, mediaId: needed(fieldsOf(f.Voice), 'MediaId') };
    case 'video': {
      const video = fieldsOf(f.Video);
      return { type, mediaId: needed(video, 'MediaId'), ...titled(video) };
    }
    case 'music': {
      const music = fieldsOf(f.Music);
      const thumbMediaId = needed(music, 'ThumbMediaId');
      return {
        type,
        ...titled(music),
        musicUrl: text(music.MusicUrl),
        hqMusicUrl: text(music.HQMusicUrl),
        thumbMediaId,
      };
    }
    case 'news':
      return toNews(f);
    case 'transfer_customer_service': {
      const kfAccount = text(fieldsOf(f.TransInfo).KfAccount);
      return kfAccount === '' ? { type: 'transfer' } : { type: 'transfer', kfAccount };
    }
    default:
      throw new XmlError('reply', 'MsgType');
  }
}

function toNews(f: Fields): Reply {
  const items = list(fieldsOf(f.Articles).item);
  if (items.length < 1 || items.length > 8 || count(f.ArticleCount) !== items.length) {
    throw new XmlError('reply', 'ArticleCount');
  }
  return {
    type: 'news',
    articles: items.map((one) => ({ ...titled(one), picUrl: text(one.PicUrl), url: text(one.Url) })),
  };
}

const titled = (f: Fields): { title: string; description: string } => ({
  title: text(f.Title),
  description: text(f.Description),
});

function needed(f: Fields, name: string): string {
  const found = text(f[name]);
  if (found.trim() === '') throw new XmlError('reply', name);
  return found;
}

/**
 * The reply inside a sealed one; `success` and nothing pass as they are. A reply in plain text to a push in safe mode throws XmlError
 * `reply`, a wrong signature, cipher or appid CryptoError.
 */
export function openReply(xml: string, secrets: Secrets, appid: string): string {
  if (xml === '' || xml === 'success') return xml;
  const fields = parseXml(xml);
  const sealed = {
    encrypt: needed(fields, 'Encrypt'),
    signature: needed(fields, 'MsgSignature'),
    timestamp: needed(fields, 'TimeStamp'),
    nonce: needed(fields, 'Nonce'),
  };
  return decodeUtf8(openSealed(sealed, [secrets], appid).message);
}
