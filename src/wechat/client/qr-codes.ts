import { z } from 'zod';
import type { Account } from '../../people/accounts';
import { type AccountCalls, readAnswer } from './call-account';

const code = z.object({ url: z.string(), expire_seconds: z.number().optional() });

/** Codes that lead to us. */
export function qrCodeCalls({ api }: AccountCalls) {
  return {
    /**
     * A QR code that brings its scene along: for `seconds` (30 days at most), or for good (100,000 an account) without. `url` is what
     * is to be encoded; `seconds` how long it holds, undefined for good.
     */
    async createQrCode(account: Account, scene: string, seconds?: number): Promise<{ url: string; seconds?: number }> {
      const library = api(account);
      const json =
        seconds === undefined ? await library.createLimitQRCode(scene) : await library.createTmpQRCode(scene, seconds);
      const { url, expire_seconds } = readAnswer(code, json);
      return { url, seconds: expire_seconds ?? seconds };
    },
  };
}
