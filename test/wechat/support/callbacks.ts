import { connect } from 'node:net';
import type { AccountMode } from '../../../src/people/accounts';
import { prepareKey, type Secrets } from '../../../src/wechat/crypto';
import { sealPush } from '../../../src/wechat/push-xml';
import type { TestServer } from '../../support/server';

export type Door = {
  id: number;
  key: string;
  appid: string;
  originalId: string;
  mode: AccountMode;
  token: string;
  aesKey: string;
};
export type Answer = { status: number; type: string; body: string };

const testKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
let made = 0;

/** A further account of the server, stored like any other. */
export async function addDoor(server: TestServer, wanted: Partial<Door> & { mode: AccountMode }): Promise<Door> {
  const number = ++made;
  const door = {
    key: `door-${number}`,
    appid: `wxdoor${number}`,
    originalId: `gh_door${number}`,
    token: `token-of-door-${number}`,
    aesKey: testKey,
    ...wanted,
  };
  const { accounts, db } = server.deps;
  const [root] = await db.query<{ id: number }>('SELECT id FROM organisations ORDER BY id LIMIT 1');
  const id = await accounts.add({ ...door, title: door.key, organisationId: root!.id, secret: 'a-secret' });
  await accounts.reload();
  return { ...door, id };
}

/** Takes an account out of service, so that another may have its appid. */
export async function removeDoor(server: TestServer, { id }: Door): Promise<void> {
  const { accounts, clock, db } = server.deps;
  await db.query(`UPDATE accounts SET appid = 'gone-' || id, disabled_at = $2 WHERE id = $1`, [id, clock.now()]);
  await accounts.reload();
}

export const secretsOf = ({ token, aesKey }: Pick<Door, 'token' | 'aesKey'>): Secrets => ({
  token,
  key: prepareKey(aesKey),
});

/** What a citizen says, as WeChat puts it before it seals it. */
export function textXml(door: Door, openid: string, content: string, change: Record<string, string> = {}): string {
  const fields = {
    ToUserName: door.originalId,
    FromUserName: openid,
    CreateTime: '1763700000',
    MsgType: 'text',
    Content: content,
    MsgId: String(7_100_000_000_000_000_000n + BigInt(++made)),
    ...change,
  };
  const elements = Object.entries(fields).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return `<xml>${elements.join('')}</xml>`;
}

let moment = 1_763_700_000;
/** Body and query as WeChat sends them in the account's mode; each time signed anew, as its repeats are. */
export function sealed(door: Door, xml: string, openid = 'oSomebody', secrets = secretsOf(door)) {
  const { mode, appid, originalId } = door;
  return sealPush(xml, { mode, secrets, appid, originalId, openid, timestamp: ++moment });
}

export type Sent = {
  body?: string | Buffer;
  query: Record<string, string>;
  method?: string;
  headers?: Record<string, string>;
};

/** Sends a callback over HTTP. */
export async function send(server: TestServer, key: string, { body, query, method = 'POST', headers }: Sent) {
  const response = await fetch(`${server.url}/wechat/${key}?${new URLSearchParams(query)}`, {
    method,
    body: method === 'GET' ? undefined : body,
    headers: { 'content-type': 'text/xml', ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: await response.text(),
  } satisfies Answer;
}

/** Says something the way WeChat would hand it on. */
export const push = (server: TestServer, door: Door, xml: string): Promise<Answer> =>
  send(server, door.key, sealed(door, xml));

/** A connection on which any bytes can be written; `answer` resolves with all that came back when it is closed. */
export function rawConnection(server: TestServer) {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  const answer = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk;
    });
    // Whoever is refused in mid-sentence is cut off: what had been answered until then counts.
    socket.on('error', () => {}).on('close', () => resolve(received));
  });
  return { socket, answer };
}

/** How often callbacks came to this outcome, as it is told to Prometheus. */
export async function outcomes(server: TestServer, outcome: string): Promise<number> {
  return countIn(await server.deps.metrics.registry.getSingleMetricAsString('weiban_callbacks_total'), outcome);
}

/** The same out of the text that /metrics answers. */
export const countIn = (metrics: string, outcome: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith('weiban_callbacks_total{') && line.includes(`outcome="${outcome}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

/** How much is stored of callbacks. */
export async function stored(server: TestServer): Promise<{ inbox: number; sessions: number }> {
  const [row] = await server.deps.db.query<{ inbox: number; sessions: number }>(
    'SELECT (SELECT count(*) FROM inbox)::int AS inbox, (SELECT count(*) FROM sessions)::int AS sessions',
  );
  return row!;
}
