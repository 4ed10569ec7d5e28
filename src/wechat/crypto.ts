import { createCipheriv, createDecipheriv, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { randomBytes16 } from './random';

/** Why a signature or a frame was refused; fit for a metric's label. */
export type CryptoFault = 'key' | 'signature' | 'cipher' | 'padding' | 'length' | 'appid';

export class CryptoError extends Error {
  constructor(readonly code: CryptoFault) {
    super(code);
    this.name = 'CryptoError';
  }
}

/**
 * An account's AES key, made ready once: every callback uses it. AES-256-CBC over whole blocks, without padding of its own, as if each
 * began with the key's start vector: setting up OpenSSL for each costs more than the work itself.
 */
export type AesKey = {
  /** Changes the frame. */
  encrypt(frame: Buffer): Buffer;
  decrypt(encrypted: Buffer): Buffer;
};

/** What signs and what encrypts. While an account rotates them it has two pairs, the current one first. */
export type Secrets = { token: string; key: AesKey };

const BLOCK = 32;
const HEAD = 20;

/** SHA-1 over the parts, sorted and joined, in hex: WeChat's signature. It never covers a plain body. */
export function sign(...parts: string[]): string {
  return hash('sha1', parts.sort().join(''), 'hex');
}

/** Whether `given` is the signature of the parts, in a time that does not tell how much of it was right. */
export function verifySignature(given: unknown, ...parts: string[]): boolean {
  if (typeof given !== 'string' || given.length !== 40) return false;
  const claimed = Buffer.from(given, 'latin1');
  return timingSafeEqual(claimed, Buffer.from(sign(...parts), 'latin1'));
}

/**
 * The key of a 43-character EncodingAESKey. The last character carries 2 bits too many and those are often not zero, so the
 * decoding must be lenient. Throws CryptoError `key`.
 */
export function prepareKey(encodingAesKey: string): AesKey {
  if (!/^[A-Za-z0-9+/]{43}$/.test(encodingAesKey)) throw new CryptoError('key');
  const bytes = Buffer.from(`${encodingAesKey}=`, 'base64');
  const key = createSecretKey(bytes);
  const start = bytes.subarray(0, 16);
  const decipher = createDecipheriv('aes-256-cbc', key, start).setAutoPadding(false);
  const cipher = createCipheriv('aes-256-cbc', key, start).setAutoPadding(false);
  let [opened, sealed] = [start, start];
  return {
    decrypt: (encrypted) => {
      const frame = decipher.update(encrypted);
      startOver(frame, opened, start);
      opened = Buffer.from(encrypted.subarray(-16));
      return frame;
    },
    encrypt: (frame) => {
      startOver(frame, sealed, start);
      const encrypted = cipher.update(frame);
      sealed = Buffer.from(encrypted.subarray(-16));
      return encrypted;
    },
  };
}

/** CBC goes on from the last block there was: it is taken out of the first one here, and the start vector put in. */
function startOver(frame: Buffer, last: Buffer, start: Buffer): void {
  for (let i = 0; i < 16; i++) frame[i]! ^= last[i]! ^ start[i]!;
}

/** A message in WeChat's frame (16 random bytes, length, message, appid), padded to 32 and encrypted, as base64. */
export function encrypt(message: string, key: AesKey, appid: string, random: Uint8Array = randomBytes16()): string {
  const messageLength = Buffer.byteLength(message);
  const used = HEAD + messageLength + Buffer.byteLength(appid);
  const pad = BLOCK - (used % BLOCK);
  const frame = Buffer.allocUnsafe(used + pad);
  frame.set(random.subarray(0, 16), 0);
  frame.writeUInt32BE(messageLength, 16);
  frame.write(message, HEAD);
  frame.write(appid, HEAD + messageLength);
  frame.fill(pad, used);
  return key.encrypt(frame).toString('base64');
}

/** The message of a frame, as bytes. Padding, length and appid are checked, each in its place. Throws CryptoError. */
export function decrypt(encrypted: string, key: AesKey, appid: string): Buffer {
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length === 0 || bytes.length % 16 !== 0) throw new CryptoError('cipher');
  const frame = key.decrypt(bytes);
  const end = frame.length - padding(frame);
  if (end < HEAD) throw new CryptoError('length');
  const messageEnd = HEAD + frame.readUInt32BE(16);
  if (messageEnd > end) throw new CryptoError('length');
  const owner = frame.subarray(messageEnd, end);
  const expected = Buffer.from(appid);
  if (owner.length !== expected.length || !timingSafeEqual(owner, expected)) throw new CryptoError('appid');
  return frame.subarray(HEAD, messageEnd);
}

/** PKCS7 with blocks of 32 bytes, although AES has 16: 1 to 32, and every byte of it the same. */
function padding(frame: Buffer): number {
  const pad = frame[frame.length - 1]!;
  if (pad < 1 || pad > BLOCK || pad > frame.length) throw new CryptoError('padding');
  for (let i = frame.length - pad; i < frame.length; i++) if (frame[i] !== pad) throw new CryptoError('padding');
  return pad;
}

export type Sealed = { encrypt: string; signature: unknown; timestamp: string; nonce: string };

/**
 * Opens what came in safe or compat mode: msg_signature over token, timestamp, nonce and the cipher, then the cipher itself, with
 * any of the account's secrets. Gives the ones that fitted too, since the answer must go out under the same. Throws CryptoError.
 */
export function openSealed(
  sealed: Sealed,
  secrets: readonly Secrets[],
  appid: string,
): { message: Buffer; secrets: Secrets } {
  const signer = secrets.find(({ token }) =>
    verifySignature(sealed.signature, token, sealed.timestamp, sealed.nonce, sealed.encrypt),
  );
  if (!signer) throw new CryptoError('signature');
  // Token and key may have been changed one without the other: the signer's own key first, then the rest.
  let fault: unknown;
  for (const { key } of [signer, ...secrets.filter((one) => one.key !== signer.key)]) {
    try {
      return { message: decrypt(sealed.encrypt, key, appid), secrets: { token: signer.token, key } };
    } catch (error) {
      fault ??= error;
    }
  }
  throw fault;
}
