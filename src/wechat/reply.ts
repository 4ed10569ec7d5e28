import type { NewsArticle, Reply } from '../dialogue/message';
import { encrypt, type Secrets, sign } from './crypto';
import { randomNonce } from './random';
import { cdata, legal } from './xml-write';

/** Nothing to say: these 7 bytes, never encrypted. */
export const SUCCESS = 'success';

/** WeChat shows no more articles than this and refuses the reply. */
const MOST_ARTICLES = 8;

export type Address = {
  /** the citizen's openid */
  to: string;
  /** the account's original id */
  from: string;
  /** seconds since 1970 */
  createTime: number;
};

/** A reply as XML. One without content is `success`: an empty text shows citizens «该公众号提供的服务出现故障». */
export function renderReply(reply: Reply, { to, from, createTime }: Address): string {
  const body = renderBody(reply);
  if (body === '') return SUCCESS;
  return `<xml>${leaf('ToUserName', to)}${leaf('FromUserName', from)}<CreateTime>${Math.trunc(createTime)}</CreateTime>${body}</xml>`;
}

/** From MsgType on; '' where there is nothing to say. */
function renderBody(reply: Reply): string {
  switch (reply.type) {
    case 'none':
      return '';
    case 'text': {
      const content = legal(reply.content);
      return content.trim() === '' ? '' : `${kind('text')}<Content>${cdata(content)}</Content>`;
    }
    case 'image':
      return `${kind('image')}<Image>${leaf('MediaId', reply.mediaId)}</Image>`;
    case 'voice':
      return `${kind('voice')}<Voice>${leaf('MediaId', reply.mediaId)}</Voice>`;
    case 'video':
      return `${kind('video')}<Video>${leaf('MediaId', reply.mediaId)}${titled(reply)}</Video>`;
    case 'music':
      return `${kind('music')}<Music>${titled(reply)}${leaf('MusicUrl', reply.musicUrl)}${leaf('HQMusicUrl', reply.hqMusicUrl)}${leaf('ThumbMediaId', reply.thumbMediaId)}</Music>`;
    case 'news':
      return renderNews(reply.articles.slice(0, MOST_ARTICLES));
    case 'transfer': {
      const account = reply.kfAccount ? `<TransInfo>${leaf('KfAccount', reply.kfAccount)}</TransInfo>` : '';
      return kind('transfer_customer_service') + account;
    }
  }
}

function renderNews(articles: NewsArticle[]): string {
  if (articles.length === 0) return '';
  const items = articles.map(
    (one) => `<item>${titled(one)}${leaf('PicUrl', one.picUrl)}${leaf('Url', one.url)}</item>`,
  );
  return `${kind('news')}<ArticleCount>${articles.length}</ArticleCount><Articles>${items.join('')}</Articles>`;
}

const kind = (type: string): string => `<MsgType><![CDATA[${type}]]></MsgType>`;

const leaf = (name: string, value: string): string => `<${name}>${cdata(legal(value))}</${name}>`;

const titled = ({ title, description }: { title: string; description: string }): string =>
  leaf('Title', title) + leaf('Description', description);

export type Seal = {
  /** those that opened the callback: during a rotation WeChat takes no others */
  secrets: Secrets;
  appid: string;
  /** seconds since 1970 */
  timestamp: number;
  /** drawn when absent */
  nonce?: string;
  /** the frame's 16 bytes; drawn when absent, given only where an outcome must be known beforehand */
  random?: Uint8Array;
};

/** A rendered reply as safe and compat mode want it: Encrypt, MsgSignature, TimeStamp, Nonce. `success` stays as it is. */
export function sealReply(xml: string, { secrets, appid, timestamp, nonce = randomNonce(), random }: Seal): string {
  if (xml === SUCCESS || xml === '') return xml;
  const time = String(Math.trunc(timestamp));
  const encrypted = encrypt(xml, secrets.key, appid, random);
  const signature = sign(secrets.token, time, nonce, encrypted);
  return `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>${time}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`;
}
