import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

// argon2id, OWASP's smallest recommended cost: 19 MiB, 2 passes
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Of the same cost as a real one, and matches nothing: an unknown username takes as long as a wrong password. */
const nobody = '$argon2id$v=19$m=19456,t=2,p=1$Zv93/Rj0ZVeLQSkDab/soA$Xp67duLeLQpN31fDVsAPvz5iyIf6/f1zUqY9rKovdYU';

export const hashPassword = (password: string): Promise<string> => hash(password, cost);

export async function passwordMatches(stored: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(stored ?? nobody, password);
  return matches && stored !== undefined;
}

/** `k7mp-2xhd-9wqf`: sixty bits, without letters that are taken for one another, to be read out and typed. */
export function newPassword(): string {
  const letters = [...randomBytes(12)].map((byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte & 31]);
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
}
