import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AccountMode } from '../../src/people/accounts';
import { sign } from '../../src/wechat/crypto';
import { text as textOf } from '../../src/wechat/fields';
import { openReply, parseReply } from '../../src/wechat/reply-parse';
import { parseXml } from '../../src/wechat/xml';
import { startTestServer, type TestServer } from '../support/server';
import {
  type Answer,
  addDoor,
  type Door,
  outcomes,
  push,
  removeDoor,
  sealed,
  secretsOf,
  send,
  stored,
  textXml,
} from './support/callbacks';

// Every sample and vector over HTTP, as WeChat would send it. Our own always; those of WECHAT_SAMPLES too where it is set.

type Sample = { name: string; xml: string /** an object, or the code of the refusal */; expect?: object | string };
type Vector = { name: string; kind: string } & Record<string, string>;
type Negative = { name: string; use: string | null; change: Record<string, string> };

const own = path.join(__dirname, '../fixtures/wechat');
const given = process.env.WECHAT_SAMPLES;
const folders: [string, string][] = [
  ['our own', own],
  ...(given ? [['given', path.resolve(given)] as [string, string]] : []),
];
const read = <T>(folder: string, file: string): T => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as T;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
});
afterAll(() => server?.stop());

const modes: AccountMode[] = ['plain', 'compat', 'safe'];

describe.each(folders)('%s samples', (_whose, folder) => {
  const samples = read<Sample[]>(folder, 'samples.json');
  const evil = ({ name, expect: wanted }: Sample) => typeof wanted === 'string' || name.includes('evil-doctype');
  const doors = new Map<string, Door>();
  /** ToUserName differs from sample to sample: an account for each. */
  const doorFor = async (mode: AccountMode, originalId: string): Promise<Door> => {
    const key = `${mode} ${originalId}`;
    if (!doors.has(key)) doors.set(key, await addDoor(server, { mode, originalId }));
    return doors.get(key)!;
  };

  describe.each(modes)('in %s mode', (mode) => {
    // Samples share sender, time and MsgId: the next one would be a repeat of this one.
    afterEach(() => server.deps.db.query('DELETE FROM inbox'));

    const named = (those: Sample[]): [string, Sample][] => those.map((sample) => [sample.name, sample]);

    test.each(named(samples.filter((one) => !evil(one))))(
      '%s: stored once, and twice the same answer',
      async (_, sample) => {
        // A sample of compat mode has a cipher of its own: in that mode ours takes its place.
        const xml = (mode === 'compat' ? sample.xml.replace(/<Encrypt>[\s\S]*?<\/Encrypt>/, '') : sample.xml).trimEnd();
        const fields = parseXml(xml);
        const door = await doorFor(mode, textOf(fields.ToUserName));

        const first = await push(server, door, xml);
        expect(first.status).toBe(200);
        expect(await push(server, door, xml)).toEqual(first);

        const byOpenId = /^user_(info_modified|authorization_)/.test(textOf(fields.Event));
        const openid = textOf(byOpenId ? fields.OpenID : fields.FromUserName);
        checkReply(first, door, openid);
        const rows = await server.deps.db.query<{ kind: string }>(
          'SELECT account_id, openid, extract(epoch FROM sent_at)::int AS sent, status, kind FROM inbox',
        );
        const sent = Number(textOf(fields.CreateTime)) || 0;
        const kind = expect.stringMatching(new RegExp(`^(${kindIn(fields)}|(event:)?unknown)$`));
        expect(rows).toEqual([{ account_id: door.id, openid, sent, status: 'answered', kind }]);
      },
    );

    test.each(named(samples.filter(evil)))('%s: refused', async (_, { xml }) => {
      const before = await stored(server);
      const door = await doorFor(mode, /<ToUserName>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?<\//.exec(xml)?.[1] ?? 'gh_nobody');
      const answer = await push(server, door, xml.trimEnd());
      expect(answer.status).toBe(400);
      expect(answer.body).toMatch(/^[a-z0-9-]{1,20}$/);
      expect(await stored(server)).toEqual(before);
    });
  });
});

function kindIn(fields: ReturnType<typeof parseXml>): string {
  const type = textOf(fields.MsgType).toLowerCase();
  return type === 'event' ? `event:${textOf(fields.Event).toLowerCase()}` : type;
}

/** What WeChat would make of the answer: sealed where it must be, right for the account, addressed to the citizen. */
function checkReply({ body, type }: Answer, door: Door, openid: string): void {
  if (body === 'success') return expect(type).toBe('text/plain; charset=utf-8');
  expect(type).toBe('application/xml; charset=utf-8');
  // Throws on a wrong signature, a wrong appid in the frame and a broken frame.
  const xml = door.mode === 'plain' ? body : openReply(body, secretsOf(door), door.appid);
  const { reply, address } = parseReply(xml);
  expect(reply.type).not.toBe('none');
  expect(address).toMatchObject({ to: openid, from: door.originalId });
}

describe.each(folders)('%s vectors', (_whose, folder) => {
  const { vectors, negative } = read<{ vectors: Vector[]; negative: Negative[] }>(folder, 'vectors.json');
  const named = <T extends { name: string }>(those: T[]): [string, T][] => those.map((one) => [one.name, one]);

  const signatures = vectors.filter(({ kind }) => kind === 'signature');
  test.each(named(signatures))('%s opens the address and a plain message, and no other does', async (_, vector) => {
    const { token, timestamp, nonce, echostr = 'echo', expected_signature: signature } = vector;
    const query = { timestamp: timestamp!, nonce: nonce!, signature: signature! };
    const wrong = { ...query, signature: vector.negative_signature ?? `${signature!.slice(0, 39)}z` };
    for (const mode of modes) {
      const door = await addDoor(server, { mode, token });
      const asked = await send(server, door.key, { method: 'GET', query: { ...query, echostr: echostr! } });
      expect(asked).toMatchObject({ status: 200, body: echostr });
      expect((await send(server, door.key, { method: 'GET', query: { ...wrong, echostr: 'x' } })).status).toBe(401);
      const body = textXml(door, 'oVector', '帮助');
      expect((await send(server, door.key, { query, body })).status).toBe(mode === 'plain' ? 200 : 403);
      expect((await send(server, door.key, { query: wrong, body })).status).toBe(mode === 'plain' ? 401 : 403);
    }
  });

  const frames = vectors.filter(({ kind }) => kind.startsWith('aes-'));
  test.each(named(frames))('%s is opened: answered where a message of WeChat stands in it', async (_, vector) => {
    const inside = vector.plaintext ?? vector.expected_plaintext!;
    const to = /<ToUserName><!\[CDATA\[(.*?)\]\]>/.exec(inside)?.[1];
    for (const mode of ['compat', 'safe'] as const) {
      const door = await doorOf(vector, mode, to);
      const answer = await send(server, door.key, callbackOf(vector, door));
      // JSON, or no sender: opened, and then refused for what it is; never for its signature or its frame.
      if (to) {
        expect(answer.status).toBe(200);
        checkReply(answer, door, /<FromUserName><!\[CDATA\[(.*?)\]\]>/.exec(inside)![1]!);
      } else {
        expect(answer.status).toBe(400);
        expect(answer.body).toMatch(/^(malformed|empty|no-sender)$/);
      }
      await removeDoor(server, door);
    }
  });

  test.each(named(negative))('%s is refused', async (_, { name, use, change }) => {
    const vector = vectors.find((one) => one.name === use) ?? frames[0]!;
    for (const mode of ['compat', 'safe'] as const) {
      const door = vector.encodingAESKey
        ? await doorOf(vector, mode)
        : await addDoor(server, { mode, token: vector.token! });
      const before = await stored(server);
      for (const { sent, status } of attacks(name, vector, door, change)) {
        const answer = await send(server, door.key, sent);
        expect({ status: answer.status, counted: (await outcomes(server, answer.body)) > 0 }).toEqual({
          status,
          counted: true,
        });
      }
      expect(await stored(server)).toEqual(before);
      await removeDoor(server, door);
    }
  });
});

const doorOf = ({ token, encodingAESKey, appid }: Vector, mode: AccountMode, originalId = 'gh_vector') =>
  addDoor(server, { mode, token: token!, aesKey: encodingAESKey!, appid: appid!, originalId });

function callbackOf(vector: Vector, door: Door, change: { encrypt?: string; signature?: string } = {}) {
  const { timestamp, nonce } = vector;
  const cipher = change.encrypt ?? vector.encrypt ?? vector.expected_encrypt!;
  return {
    body: `<xml><ToUserName><![CDATA[${door.originalId}]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`,
    query: {
      timestamp: timestamp!,
      nonce: nonce!,
      signature: sign(vector.token!, timestamp!, nonce!),
      msg_signature: change.signature ?? vector.expected_msg_signature!,
      encrypt_type: 'aes',
    },
  };
}

/** A recipe that must be refused, as callbacks. Frames are signed rightly, so that nothing but the frame can be at fault. */
function attacks(name: string, vector: Vector, door: Door, change: Record<string, string>) {
  const framed = (encrypt: string) => callbackOf(vector, door, { encrypt, signature: signatureOf(vector, encrypt) });
  const bad = (code: string) =>
    read<{ encrypt: string; code: string }[]>(own, 'bad-frames.json').filter((frame) => frame.code === code);
  switch (name) {
    case 'neg-tampered-cipher':
      return [{ sent: callbackOf(vector, door, { encrypt: `AAAAAAAA${vector.encrypt!.slice(8)}` }), status: 401 }];
    case 'neg-signature-used-instead-of-msg_signature':
      return [{ sent: callbackOf(vector, door, { signature: change.msg_signature! }), status: 401 }];
    case 'neg-plain-downgrade': {
      const { timestamp, nonce, expected_signature: signature } = vector;
      const query = { timestamp: timestamp!, nonce: nonce!, signature: signature! };
      return [{ sent: { body: textXml(door, 'oVector', '帮助'), query }, status: 403 }];
    }
    // Encrypted under another key than the vector's where the vectors are not our own: garbage then, and as good an attack.
    case 'neg-bad-pad':
      return bad('padding').map(({ encrypt }) => ({ sent: framed(encrypt), status: 400 }));
    case 'neg-msg-len-overflow':
      return bad('length').map(({ encrypt }) => ({ sent: framed(encrypt), status: 400 }));
    case 'neg-not-multiple-of-16':
      return [{ sent: framed(change.encrypt!), status: 400 }];
    default:
      throw new Error(`a recipe that this test does not know: ${name}`);
  }
}

const signatureOf = ({ token, timestamp, nonce }: Vector, cipher: string) => sign(token!, timestamp!, nonce!, cipher);

test("a citizen's message, sealed: the answer is sealed anew for them and for nobody else", async () => {
  const door = await addDoor(server, { mode: 'safe' });
  const answers = await Promise.all(
    ['oOne', 'oOther'].map((openid) => send(server, door.key, sealed(door, textXml(door, openid, '帮助')))),
  );
  const ciphers = answers.map(({ body }) => textOf(parseXml(body).Encrypt));
  expect(ciphers[0]!.slice(0, 20)).not.toBe(ciphers[1]!.slice(0, 20));
});
