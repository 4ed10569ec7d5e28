import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  CryptoError,
  decrypt,
  encrypt,
  openSealed,
  prepareKey,
  type Secrets,
  sign,
  verifySignature,
} from '../../src/wechat/crypto';
import { seeded } from './support/random';

const APPID = 'wx5f00000000000001';
const key = prepareKey('bWFkZS1mb3ItdGVzdHMtb25seS1rZXktb2YtMzItYjR');
const otherKey = prepareKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');

function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CryptoError) return error.code;
    throw error;
  }
  return 'taken';
}

describe('the key', () => {
  test('is the same whatever the two spare bits of its last character are', () => {
    const letters = ['Q', 'R', 'S', 'T'].map((last) => prepareKey(`bWFkZS1mb3ItdGVzdHMtb25seS1rZXktb2YtMzItYj${last}`));
    for (const one of letters)
      expect(decrypt(encrypt('同一把钥匙', one, 'wxappid'), key, 'wxappid').toString()).toBe('同一把钥匙');
  });

  test.each([
    ['too short', 'abc'],
    ['too long', `${'a'.repeat(43)}=`],
    ['with a character of no base64', `${'a'.repeat(42)}_`],
    ['empty', ''],
  ])('is refused when %s', (_what, given) => {
    expect(fault(() => prepareKey(given))).toBe('key');
  });
});

describe('the signature', () => {
  const good = sign('token', '1763700000', '12345');

  test('does not depend on the order of its parts', () => {
    expect(sign('12345', 'token', '1763700000')).toBe(good);
    expect(verifySignature(good, '1763700000', '12345', 'token')).toBe(true);
  });

  test.each([
    ['another one', `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}`],
    ['a short one', good.slice(1)],
    ['one in capitals', good.toUpperCase().replace(/\d/g, 'A')],
    ['none', undefined],
    ['a list, as a doubled query parameter gives', [good, good]],
    ['characters that take more bytes', '签'.repeat(40)],
  ])('%s is no match', (_what, given) => {
    expect(verifySignature(given, 'token', '1763700000', '12345')).toBe(false);
  });
});

describe('a frame', () => {
  test('of any length and script comes back as it was', () => {
    const random = seeded(3);
    for (let n = 0; n < 400; n++) {
      const message = Array.from({ length: random.below(120) }, () =>
        random.one(['办', 'a', '😀', '\n', ']]>', '\0']),
      ).join('');
      expect(decrypt(encrypt(message, key, APPID), key, APPID).toString()).toBe(message);
    }
  });

  test('is padded to 32 bytes and differs each time', () => {
    const [one, two] = [encrypt('x', key, APPID), encrypt('x', key, APPID)];
    expect(Buffer.from(one, 'base64').length % 32).toBe(0);
    expect(one).not.toBe(two);
  });

  const bad = JSON.parse(readFileSync(path.join(__dirname, '../fixtures/wechat/bad-frames.json'), 'utf8')) as {
    name: string;
    encrypt: string;
    code: string;
  }[];

  test.each(bad.map((one) => [one.name, one] as const))('with %s is refused', (_name, { encrypt: cipher, code }) => {
    expect(fault(() => decrypt(cipher, key, APPID))).toBe(code);
  });

  test.each([
    ['nothing', ''],
    ['half a block', 'QUJDREVGR0g='],
    ['no base64', '!!!!'],
  ])('of %s is refused', (_what, cipher) => {
    expect(fault(() => decrypt(cipher, key, APPID))).toBe('cipher');
  });

  test('whose bytes were changed never comes back as a message of this account', () => {
    const random = seeded(11);
    const whole = Buffer.from(encrypt('<xml><Content><![CDATA[预约]]></Content></xml>', key, APPID), 'base64');
    let passed = 0;
    for (let n = 0; n < 2000; n++) {
      const bytes = Buffer.from(whole);
      // The last two blocks hold appid and padding: a blow there, or a cut, must always be seen. Elsewhere the signature sees it.
      bytes[bytes.length - 1 - random.below(32)]! ^= 1 + random.below(255);
      if (fault(() => decrypt(bytes.toString('base64'), key, APPID)) === 'taken') passed++;
    }
    expect(passed).toBe(0);
  });
});

describe('while token and key are being changed', () => {
  const current: Secrets = { token: 'new', key };
  const previous: Secrets = { token: 'old', key: otherKey };
  const seal = ({ token, key: used }: Secrets) => {
    const cipher = encrypt('hello', used, APPID);
    return { encrypt: cipher, signature: sign(token, '1', '2', cipher), timestamp: '1', nonce: '2' };
  };

  test.each<[string, Secrets]>([
    ['the current pair', current],
    ['the previous pair', previous],
    ['a new token with the old key', { token: 'new', key: otherKey }],
    ['an old token with the new key', { token: 'old', key }],
  ])('%s opens, and is named for the reply', (_what, used) => {
    const { message, secrets } = openSealed(seal(used), [current, previous], APPID);
    expect(message.toString()).toBe('hello');
    expect(secrets).toEqual(used);
  });

  test('a token or key of neither does not', () => {
    expect(fault(() => openSealed(seal({ token: 'older', key }), [current, previous], APPID))).toBe('signature');
    expect(fault(() => openSealed(seal(previous), [current], APPID))).toBe('signature');
    expect(fault(() => openSealed(seal({ token: 'new', key: otherKey }), [current], APPID))).not.toBe('taken');
    expect(fault(() => openSealed(seal(current), [], APPID))).toBe('signature');
  });

  test("another account's message, rightly signed and sealed, is refused", () => {
    expect(fault(() => openSealed(seal(current), [current], 'wx5f00000000000002'))).toBe('appid');
  });
});

test('one key for many messages: each is encrypted and opened as if it were the first', () => {
  const random = Buffer.alloc(16, 7);
  const fresh = () => prepareKey('bWFkZS1mb3ItdGVzdHMtb25seS1rZXktb2YtMzItYjQ');
  const kept = fresh();
  for (const message of ['一', 'second', `第三条，长一些：${'。'.repeat(100)}`, '一']) {
    const sealed = encrypt(message, fresh(), 'wxappid', random);
    expect(encrypt(message, kept, 'wxappid', random)).toBe(sealed);
    expect(decrypt(sealed, kept, 'wxappid').toString()).toBe(message);
  }
});
