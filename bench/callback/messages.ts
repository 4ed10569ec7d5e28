import { sealPush } from '../../src/wechat/push-xml';
import { account, callbackPath, type Mode, secrets } from './account';

export const citizens = 5000;
/** Co-prime to the number of citizens: neighbours in time are not neighbours in an index. */
const stride = 1237;
const firstMsgId = 24_000_000_000_000_000n;

type Act = { text?: string; click?: string; share?: number };

/** What citizens say, in the shares in which they say it: words that open something, taps on the menu, numbers out of a list. */
const acts: Act[] = [
  { text: '办事指南', share: 14 },
  { text: '你好', share: 10 },
  { text: '帮助', share: 8 },
  { text: '谢谢', share: 6 },
  { click: 'guides', share: 14 },
  { click: 'guides.offices', share: 10 },
  { click: 'guides.hot', share: 8 },
  { text: '1', share: 12 },
  { text: '2', share: 10 },
  { text: '3', share: 8 },
];
const hundred = acts.flatMap((act) => Array.from({ length: act.share! }, () => act));

export type Message = { openid: string; createTime: number; xml: string; msgId: string };

/** Which messages there are: from when on, by how many citizens, and their words where it is not the usual mix. */
export type Script = { since: number; people?: number; says?: string[] };

/**
 * The message with this number: always the same one, and unlike every other. A citizen's messages are a second apart and none
 * has two in one round of all citizens, so that openid and CreateTime alone tell which message it is.
 */
export function message(n: number, { since, people = citizens, says }: Script): Message {
  const openid = openidOf((n * stride) % people);
  const createTime = since + Math.floor(n / people);
  const msgId = String(firstMsgId + BigInt(n));
  const act: Act = says ? { text: says[scatter(n) % says.length]! } : hundred[scatter(n) % 100]!;
  const head = `<xml><ToUserName><![CDATA[${account.originalId}]]></ToUserName>\n<FromUserName><![CDATA[${openid}]]></FromUserName>\n<CreateTime>${createTime}</CreateTime>\n`;
  const body = act.text
    ? `<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[${act.text}]]></Content>\n<MsgId>${msgId}</MsgId>\n</xml>`
    : `<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[CLICK]]></Event>\n<EventKey><![CDATA[${act.click}]]></EventKey>\n</xml>`;
  return { openid, createTime, msgId: act.text ? msgId : '', xml: head + body };
}

/** Spreads neighbouring numbers evenly and without a pattern. */
const scatter = (n: number) => Math.imul(n + 1, 0x9e3779b1) >>> 8;

const openidOf = (citizen: number) => `oBench${String(citizen).padStart(22, '0')}`;

const sealing = secrets();

/** A message as the bytes of the request that WeChat makes, signed, and encrypted where the mode says so. */
export function request({ xml, openid, createTime }: Message, mode: Mode): Buffer {
  const { originalId, appid } = account;
  const { body, query } = sealPush(xml, { mode, secrets: sealing, appid, originalId, openid, timestamp: createTime });
  const head = [
    `POST ${callbackPath}?${new URLSearchParams(query)} HTTP/1.1`,
    'User-Agent: Mozilla/4.0',
    'Accept: */*',
    'Host: 127.0.0.1',
    'Pragma: no-cache',
    'Content-Type: text/xml',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: Keep-Alive',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
