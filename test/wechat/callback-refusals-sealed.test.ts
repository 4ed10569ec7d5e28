import { readFileSync } from 'node:fs';
import path from 'node:path';
import { addDoor, type Door, sealed, send } from './support/callbacks';
import {
  cipherOf,
  doors,
  expectRefused,
  good,
  openDoors,
  sealedModes,
  server,
  signed,
  signedCipher,
  type Wanted,
} from './support/doors';

// What compat and safe mode refuse besides: whatever was not sealed by WeChat for this account.

openDoors();

describe.each(sealedModes)('%s mode refuses', (mode) => {
  test('plaintext, signed as in plain mode', async () => {
    const door = doors[mode];
    await expectRefused({ status: 403, reason: 'plaintext' }, () => send(server, door.key, signed(door, good(door))));
  });

  test('plaintext with an empty cipher beside it, its msg_signature right', async () => {
    const door = doors[mode];
    const { query } = signedCipher(door, '');
    const body = good(door).replace('</xml>', '<Encrypt></Encrypt></xml>');
    await expectRefused({ status: 403, reason: 'plaintext' }, () => send(server, door.key, { body, query }));
  });

  test('two ciphers in one body', async () => {
    const door = doors[mode];
    const { body, query } = signedCipher(door, cipherOf(door, good(door)));
    const doubled = String(body).replace('</xml>', '<Encrypt>AAAA</Encrypt></xml>');
    await expectRefused({ status: 403, reason: 'plaintext' }, () => send(server, door.key, { body: doubled, query }));
  });

  test('the plain signature in place of msg_signature', async () => {
    const door = doors[mode];
    const { body, query } = sealed(door, good(door));
    const sent = { body, query: { ...query, msg_signature: query.signature! } };
    await expectRefused({ status: 401, reason: 'signature' }, () => send(server, door.key, sent));
  });

  test('a tampered cipher under the old signature', async () => {
    const door = doors[mode];
    const { body, query } = sealed(door, good(door));
    const tampered = body.replace(/(<Encrypt><!\[CDATA\[)........../, '$1AAAAAAAAAA');
    await expectRefused({ status: 401, reason: 'signature' }, () => send(server, door.key, { body: tampered, query }));
  });

  const frames: [string, Wanted, (door: Door) => string][] = [
    ['appid in the frame', { status: 403, reason: 'appid' }, (door) => cipherOf(door, good(door), 'wxsomebodyelse')],
    ['appid that goes on', { status: 403, reason: 'appid' }, (door) => cipherOf(door, good(door), `${door.appid}0`)],
    ['no cipher at all', { status: 400, reason: 'cipher' }, () => 'QUJD'],
    ['what is not base64', { status: 400, reason: 'cipher' }, () => '！！！'],
    ['half a block', { status: 400, reason: 'cipher' }, (door) => cipherOf(door, good(door)).slice(0, 60)],
    [
      'bytes that are not UTF-8',
      { status: 400, reason: 'utf8' },
      // The fourth block garbled: nothing signs a single byte of the message but the cipher as a whole.
      (door) => {
        const bytes = Buffer.from(cipherOf(door, `<xml>${'x'.repeat(300)}</xml>`), 'base64');
        return bytes.fill(0xff, 64, 80).toString('base64');
      },
    ],
  ];
  test.each(frames)('rightly signed: another %s', async (_name, wanted, make) => {
    const door = doors[mode];
    await expectRefused(wanted, () => send(server, door.key, signedCipher(door, make(door))));
  });

  type Frame = { name: string; encrypt: string; code: string };
  const file = path.join(__dirname, '../fixtures/wechat/bad-frames.json');
  const bad = JSON.parse(readFileSync(file, 'utf8')) as Frame[];
  test.each(bad.map(({ name, ...frame }) => [name, frame] as const))('rightly signed: %s', async (_name, frame) => {
    const aesKey = 'bWFkZS1mb3ItdGVzdHMtb25seS1rZXktb2YtMzItYjR';
    const door = await addDoor(server, { mode, aesKey });
    const wanted = { status: frame.code === 'appid' ? 403 : 400, reason: frame.code };
    await expectRefused(wanted, () => send(server, door.key, signedCipher(door, frame.encrypt)));
  });

  test('ToUserName outside that is not the one inside', async () => {
    const door = doors[mode];
    const cipher = cipherOf(door, good(door));
    for (const outside of ['gh_other', ''])
      await expectRefused({ status: 403, reason: 'other-account' }, () =>
        send(server, door.key, signedCipher(door, cipher, outside)),
      );
  });

  test("another account's callback, with its token", async () => {
    const door = doors[mode];
    const other = await addDoor(server, { mode, token: door.token });
    await expectRefused({ status: 403, reason: 'appid' }, () => send(server, door.key, sealed(other, good(other))));
  });
});
