import type { AccountMode } from '../../../src/people/accounts';
import { encrypt, sign } from '../../../src/wechat/crypto';
import { startTestServer, type TestServer } from '../../support/server';
import { addDoor, type Door, outcomes, type Sent, secretsOf, stored, textXml } from './callbacks';

export let server: TestServer;
export const doors = {} as Record<AccountMode, Door>;
export const modes: AccountMode[] = ['plain', 'compat', 'safe'];
export const sealedModes: AccountMode[] = ['compat', 'safe'];

/** One account for each mode. */
export function openDoors(): void {
  beforeAll(async () => {
    server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
    for (const mode of modes) doors[mode] = await addDoor(server, { mode });
  });
  afterAll(() => server?.stop());
}

export type Wanted = { status: number; reason: string };

/** Refused with that status and word, counted under that word, and nothing stored of it. */
export async function expectRefused(
  wanted: Wanted,
  act: () => Promise<{ status: number; type: string; body: string }>,
) {
  const [count, before] = [await outcomes(server, wanted.reason), await stored(server)];
  const { status, type, body } = await act();
  expect({ status, type, body }).toEqual({ status: wanted.status, type: plainText, body: wanted.reason });
  expect(await outcomes(server, wanted.reason)).toBe(count + 1);
  expect(await stored(server)).toEqual(before);
}
export const plainText = 'text/plain; charset=utf-8';

export const good = (door: Door) => textXml(door, 'oSomebody', '帮助');
export const signed = (door: Door, body: string | Buffer): Sent => {
  const query = { timestamp: '1763700000', nonce: '1' };
  return { body, query: { ...query, signature: sign(door.token, '1763700000', '1') } };
};
/** In safe and compat mode, with everything as it must be but the frame. */
export const signedCipher = (door: Door, cipher: string, to = door.originalId): Sent => ({
  body: `<xml><ToUserName><![CDATA[${to}]]></ToUserName><Encrypt><![CDATA[${cipher}]]></Encrypt></xml>`,
  query: {
    timestamp: '1763700000',
    nonce: '1',
    signature: sign(door.token, '1763700000', '1'),
    msg_signature: sign(door.token, '1763700000', '1', cipher),
    encrypt_type: 'aes',
  },
});
export const cipherOf = (door: Door, message: string, appid = door.appid) =>
  encrypt(message, secretsOf(door).key, appid);
/** A message that reaches the parser whatever the mode. */
export const carry = (door: Door, message: string): Sent =>
  door.mode === 'plain' ? signed(door, message) : signedCipher(door, cipherOf(door, message));

export function readAnswer(raw: string): { status: number; type: string; body: string } {
  const [head = '', body = ''] = raw.split('\r\n\r\n');
  expect(head.toLowerCase()).toContain('\r\nconnection: close');
  return {
    status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]),
    type: /\r\ncontent-type: ([^\r]+)/i.exec(head)?.[1] ?? '',
    body,
  };
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
