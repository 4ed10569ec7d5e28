import { Agent, request as open } from 'node:http';
import { signCitizen } from '../../src/h5/session';
import { sealPush } from '../../src/wechat/push-xml';
import { account, callbackPath, secrets } from '../callback/account';
import { encryption, type Registered } from './city';

export type Answered = { millis: number; status: number; body: string };
type Queued = { queue: string; state: string; askAgainSeconds: number };
type Booking = { id: string; status: string };

/** Citizens of the chat and of the page, on as many connections as a listening socket takes at once; who waits for one is waiting already. */
export function createCitizens(ports: number[], accountId: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 400 });
  const sealing = secrets();
  let turn = 0;
  // Spread, but not in turns: chat and page take turns too, and each would have a process to itself.
  const port = () => ports[(Math.imul(++turn, 0x9e3779b1) >>> 16) % ports.length]!;

  const send = (method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answered> => {
    const start = performance.now();
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const sent = open(
        { agent, host: '127.0.0.1', port: port(), method, path, headers: { ...headers, ...length } },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              millis: performance.now() - start,
              status: response.statusCode!,
              body: Buffer.concat(parts).toString('utf8'),
            }),
          );
        },
      );
      // A connection that had rested too long may be closed just when it is used again: as browsers do, once more on another.
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (sent.reusedSocket && error.code === 'ECONNRESET') send(method, path, headers, body).then(resolve, reject);
        else reject(error);
      });
      sent.end(body);
    });
  };

  /** A signed callback with these words, to be sent later: signing is WeChat's work and takes no time of those that are measured. */
  function toSay({ openid }: Registered, words: string, msgId: number): () => Promise<Answered> {
    const timestamp = Math.floor(Date.now() / 1000);
    const xml = `<xml><ToUserName><![CDATA[${account.originalId}]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName><CreateTime>${timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${words}]]></Content><MsgId>${msgId}</MsgId></xml>`;
    const { originalId, appid } = account;
    const { body, query } = sealPush(xml, { mode: 'plain', secrets: sealing, appid, originalId, openid, timestamp });
    const [path, text] = [`${callbackPath}?${new URLSearchParams(query)}`, body.toString()];
    return () => send('POST', path, { 'content-type': 'text/xml' }, text);
  }

  const clock = { now: () => new Date(), millis: () => Date.now() };
  const tokens = new Map<string, string>();
  function signIn({ openid }: Registered): string {
    const token = tokens.get(openid) ?? signCitizen({ accountId, openid }, { clock, encryption } as never);
    tokens.set(openid, token);
    return token;
  }
  async function ask(person: Registered, method: string, path: string, body?: object): Promise<Answered> {
    const headers = {
      authorization: `Bearer ${signIn(person)}`,
      'content-type': 'application/json',
      // As a proxy says where somebody comes from.
      'x-forwarded-for': `10.${person.n >> 16}.${(person.n >> 8) & 255}.${person.n & 255}`,
    };
    return send(method, `/api/h5${path}`, headers, body && JSON.stringify(body));
  }

  /** Taps a time on the page and does as the page does until it is decided. @returns the first answer, and the place held if any */
  async function tap(person: Registered, slotId: string): Promise<{ first: Answered; held?: string }> {
    const wanted = { slotId, personId: person.personId, key: `tap ${slotId} ${person.n}` };
    const first = await ask(person, 'POST', '/appointments/hold', wanted);
    let answer = first;
    for (;;) {
      if (answer.status >= 300) return { first };
      const told = JSON.parse(answer.body) as Queued | Booking;
      if (!('queue' in told)) return { first, held: told.id };
      if (told.state !== 'waiting') return { first };
      await new Promise((resolve) => setTimeout(resolve, told.askAgainSeconds * 1000));
      answer = await ask(person, 'GET', `/appointments/queue/${told.queue}`);
    }
  }

  const confirm = (person: Registered, id: string) => ask(person, 'POST', `/appointments/${id}/confirm`);

  return { toSay, signIn, tap, confirm, close: () => agent.destroy() };
}
