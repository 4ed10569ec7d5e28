import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;

/** 16 random bytes for a frame, drawn from a pool: one call to the system's source for 256 replies. Used once and wiped by the next filling. */
export function randomBytes16(): Buffer {
  if (used + 16 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** A nonce as WeChat writes them: nine or ten digits. */
export const randomNonce = (): string => String(1_000_000_000 + (randomBytes16().readUInt32BE(0) % 1_000_000_000));
