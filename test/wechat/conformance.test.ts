import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CryptoError, decrypt, encrypt, openSealed, prepareKey, sign, verifySignature } from '../../src/wechat/crypto';
import { toInbound } from '../../src/wechat/inbound';
import { signPage } from '../../src/wechat/jssdk';
import { sealPush } from '../../src/wechat/push-xml';
import { openReply } from '../../src/wechat/reply-parse';
import { decodeUtf8, parseEnvelope, parseWithXml2js, parseXml, XmlError } from '../../src/wechat/xml';

type Vector = {
  name: string;
  kind: string;
  parts?: string[];
  expected_contains?: string[];
  expected_pad?: number;
} & Record<string, string>;
type Negative = { name: string; use: string | null; change: Record<string, string> };
type Sample = {
  name: string;
  xml: string /** part of the Inbound, or the code of the refusal */;
  expect?: object | string;
};

const own = path.join(__dirname, '../fixtures/wechat');
// Relative to where the tests were started, as a person types it.
const given = process.env.WECHAT_SAMPLES;
const folders: [string, string][] = [
  ['our own', own],
  ...(given ? [['given', path.resolve(given)] as [string, string]] : []),
];

const read = <T>(folder: string, file: string): T => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as T;

const key = prepareKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');

describe.each(folders)('%s vectors', (_whose, folder) => {
  const { vectors, negative } = read<{ vectors: Vector[]; negative: Negative[] }>(folder, 'vectors.json');

  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => check(vector));

  test.each(negative.map((one) => [one.name, one] as const))('%s is refused', (_name, { name, use, change }) => {
    const used = vectors.find((one) => one.name === use);
    expect(refused(name, used, change)).toBe(true);
  });
});

function check(v: Vector): void {
  switch (v.kind) {
    case 'signature':
      expect(verifySignature(v.expected_signature, v.token!, v.timestamp!, v.nonce!)).toBe(true);
      if (v.negative_signature)
        expect(verifySignature(v.negative_signature, v.token!, v.timestamp!, v.nonce!)).toBe(false);
      return;
    case 'raw-sort-sha1':
      expect(sign(...v.parts!)).toBe(v.expected_signature);
      return;
    case 'jssdk':
      expect(signPage({ ticket: v.jsapi_ticket!, nonce: v.nonceStr!, timestamp: v.timestamp!, url: v.url! })).toBe(
        v.expected_signature,
      );
      return;
    case 'aes-encrypt': {
      const aes = prepareKey(v.encodingAESKey!);
      const sealed = encrypt(v.plaintext!, aes, v.appid!, Buffer.from(v.random!));
      expect(sealed).toBe(v.expected_encrypt);
      expect(sign(v.token!, v.timestamp!, v.nonce!, sealed)).toBe(v.expected_msg_signature);
      expect(decrypt(sealed, aes, v.appid!).toString()).toBe(v.plaintext);
      return;
    }
    case 'aes-decrypt': {
      const secrets = { token: v.token!, key: prepareKey(v.encodingAESKey!) };
      const sealed = {
        encrypt: v.encrypt!,
        signature: v.expected_msg_signature,
        timestamp: v.timestamp!,
        nonce: v.nonce!,
      };
      const message = openSealed(sealed, [secrets], v.appid!).message.toString();
      expect(message).toBe(v.expected_plaintext);
      for (const part of v.expected_contains ?? []) expect(message).toContain(part);
      if (v.expected_signature)
        expect(verifySignature(v.expected_signature, v.token!, v.timestamp!, v.nonce!)).toBe(true);
      return;
    }
    default:
      throw new Error(`a kind of vector that this test does not know: ${v.kind}`);
  }
}

function refused(name: string, v: Vector | undefined, change: Record<string, string>): boolean {
  switch (name) {
    case 'neg-tampered-cipher':
      return refusedBy('signature', () => open(v!, { encrypt: `AAAAAAAA${v!.encrypt!.slice(8)}` }));
    case 'neg-signature-used-instead-of-msg_signature':
      return refusedBy('signature', () => open(v!, { signature: change.msg_signature! }));
    case 'neg-plain-downgrade':
      // Signed rightly for plain mode, but there is nothing sealed in the body: safe mode finds an empty cipher and no signature of it.
      return (
        verifySignature(v!.expected_signature, v!.token!, v!.timestamp!, v!.nonce!) &&
        refusedBy('signature', () => {
          const { encrypt } = parseEnvelope('<xml><ToUserName>gh_1</ToUserName><Content>x</Content></xml>');
          const sealed = { encrypt, signature: undefined, timestamp: v!.timestamp!, nonce: v!.nonce! };
          openSealed(sealed, [{ token: v!.token!, key }], 'wx');
        })
      );
    case 'neg-bad-pad':
      return frames
        .filter(({ code }) => code === 'padding')
        .every(({ encrypt, code }) => refusedBy(code, () => openFrame(encrypt)));
    case 'neg-msg-len-overflow':
      return frames
        .filter(({ code }) => code === 'length')
        .every(({ encrypt, code }) => refusedBy(code, () => openFrame(encrypt)));
    case 'neg-not-multiple-of-16':
      return refusedBy('cipher', () => openFrame(change.encrypt!));
    default:
      throw new Error(`a recipe that this test does not know: ${name}`);
  }
}

const frames = read<{ name: string; encrypt: string; code: string }[]>(own, 'bad-frames.json');

function openFrame(encrypted: string): void {
  const made = read<{ vectors: Vector[] }>(own, 'vectors.json').vectors.find((one) => one.kind === 'aes-encrypt')!;
  decrypt(encrypted, prepareKey(made.encodingAESKey!), made.appid!);
}

function open(v: Vector, change: { encrypt?: string; signature?: string }): void {
  const secrets = { token: v.token!, key: prepareKey(v.encodingAESKey!) };
  const sealed = {
    encrypt: v.encrypt!,
    signature: v.expected_msg_signature,
    timestamp: v.timestamp!,
    nonce: v.nonce!,
    ...change,
  };
  openSealed(sealed, [secrets], v.appid!);
}

function refusedBy(code: string, run: () => void): boolean {
  try {
    run();
  } catch (fault) {
    if (fault instanceof CryptoError) return fault.code === code;
    throw fault;
  }
  return false;
}

describe.each(folders)('%s samples', (_whose, folder) => {
  const samples = read<Sample[]>(folder, 'samples.json');
  const evil = (sample: Sample): boolean => typeof sample.expect === 'string' || sample.name.includes('evil-doctype');
  const named = (those: Sample[]): [string, Sample][] => those.map((sample) => [sample.name, sample]);

  test.each(named(samples.filter((sample) => !evil(sample))))('%s', (_name, { xml, expect: wanted }) => {
    const fields = parseXml(xml);
    expect(fields).toEqual(parseWithXml2js(xml));
    const inbound = toInbound(fields);
    if (wanted) expect(inbound).toMatchObject(wanted as object);
    expect(inbound.openid).not.toBe('');
    expect(inbound.to).toBe(fields.ToUserName);
    expect(inbound.dedupe).toMatch(/^m:\d+$|^e:[0-9a-f]{40}$/);
    expect(inbound.type === 'unknown' ? inbound.msgType : inbound.type).toBe(String(fields.MsgType).toLowerCase());
    if (inbound.type === 'event') {
      expect(inbound.event === 'unknown' ? inbound.name : inbound.event).toBe(String(fields.Event).toLowerCase());
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each(named(samples.filter((sample) => !evil(sample))))('%s, sealed and opened again', (_name, { xml }) => {
    const secrets = { token: 'a-token', key };
    const about = { secrets, appid: 'wx1', originalId: 'gh_1', openid: 'o1', timestamp: 1763700000 };
    for (const mode of ['safe', 'compat'] as const) {
      const { body, query } = sealPush(xml.trimEnd(), { mode, ...about });
      const { encrypt: cipher } =
        mode === 'safe' || !xml.includes('<Encrypt>') ? parseEnvelope(body) : { encrypt: lastEncrypt(body) };
      const sealed = {
        encrypt: cipher,
        signature: query.msg_signature,
        timestamp: query.timestamp!,
        nonce: query.nonce!,
      };
      expect(decodeUtf8(openSealed(sealed, [secrets], 'wx1').message)).toBe(xml.trimEnd());
    }
    expect(() => openReply(xml, secrets, 'wx1')).toThrow(XmlError);
  });

  test.each(named(samples.filter(evil)))('%s is refused', (_name, { xml, expect: code }) => {
    const fault = thrown(() => toInbound(parseXml(xml)));
    expect(fault).toBeInstanceOf(XmlError);
    expect((fault as XmlError).code).toBe(code ?? 'doctype');
  });
});

/** A sample that is a compat body itself has two of them once it is sealed. */
const lastEncrypt = (body: string): string => (parseXml(body).Encrypt as string[]).at(-1)!;

function thrown(run: () => unknown): unknown {
  try {
    return void run();
  } catch (fault) {
    return fault;
  }
}
