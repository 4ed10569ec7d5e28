import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Encryption of single fields at rest (AES-256-GCM) and keyed hashes to find them again (HMAC-SHA256).
 * Sealed text is `v1:` + base64 of nonce (12 bytes) | tag (16) | cipher.
 */
export function createFieldEncryption(secretKey: string) {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secretKey, 'weiban', purpose, 32));
  const sealing = derive('field-encryption');
  const indexing = derive('blind-index');
  const sealBytes = (bytes: Buffer): Buffer => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
    const body = [cipher.update(bytes), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...body]);
  };
  const openBytes = (bytes: Buffer): Buffer => {
    const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  };
  return {
    /** For files, and pieces of them. */
    sealBytes,
    /** @throws Error when the bytes were not sealed with this SECRET_KEY */
    openBytes,
    seal: (text: string): string => `v1:${sealBytes(Buffer.from(text, 'utf8')).toString('base64')}`,
    /** @throws Error when the text was not sealed with this SECRET_KEY */
    open(sealed: string): string {
      if (!sealed.startsWith('v1:')) throw new Error('not a sealed field');
      return openBytes(Buffer.from(sealed.slice(3), 'base64')).toString('utf8');
    },
    /** Same text, same hash; without the key nobody can walk the few billion phone and ID numbers. */
    blindIndex(text: string): string {
      return createHmac('sha256', indexing).update(text.normalize('NFKC').trim().toUpperCase()).digest('base64url');
    },
    /** A key of its own for a purpose, such as signing sessions. */
    derive,
  };
}

export type FieldEncryption = ReturnType<typeof createFieldEncryption>;

/** 13812345678 → 138****5678; 张三丰 → 张**; an ID number keeps the first and the last four. */
export function mask(text: string): string {
  if (text.length <= 4) return text.slice(0, 1) + '*'.repeat(Math.max(0, text.length - 1));
  const head = text.length >= 15 ? 4 : 3;
  return text.slice(0, head) + '*'.repeat(Math.max(1, text.length - head - 4)) + text.slice(-4);
}

/** Digits that look like a mainland mobile number or an ID number, wherever they stand in a text. */
const identifier = /(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx]|\d{15})(?!\d)/;
export const looksPersonal = (text: string) => text.length >= 11 && identifier.test(text);
