import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PlatformError } from '../errcode';
import { type Api, read } from './api';

const form = z.object({
  action_name: z.string(),
  expire_seconds: z.number().int().optional(),
  action_info: z.object({ scene: z.object({ scene_id: z.number().optional(), scene_str: z.string().optional() }) }),
});

const longest = 2_592_000;
const mostPermanent = 100_000;

export const qrcodeApis: Record<string, Api> = {
  'cgi-bin/qrcode/create': {
    method: 'POST',
    daily: 100_000,
    async run(call) {
      const { action_name: action, expire_seconds: seconds = 60, action_info } = read(call, form, 40053);
      const { scene_id: id, scene_str: text } = action_info.scene;
      const temporary = action === 'QR_SCENE' || action === 'QR_STR_SCENE';
      if (!temporary && action !== 'QR_LIMIT_SCENE' && action !== 'QR_LIMIT_STR_SCENE') throw new PlatformError(40052);
      const scene = action.includes('STR') ? checkText(text) : checkNumber(id, temporary ? 2 ** 32 - 1 : mostPermanent);
      if (temporary && (seconds < 1 || seconds > longest)) throw new PlatformError(40097);
      const { sim, account } = call;
      const ticket = `gQ${randomBytes(69).toString('base64')}==`;
      const url = `http://weixin.qq.com/q/${randomBytes(16).toString('base64url')}`;
      const now = sim.clock.now();
      const end = temporary ? new Date(now.getTime() + seconds * 1000) : null;
      await sim.db.query(
        'INSERT INTO simulator.qr_codes (ticket, account, scene, url, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)',
        [ticket, account.key, scene, url, now, end],
      );
      return { json: temporary ? { ticket, expire_seconds: seconds, url } : { ticket, url } };
    },
  },
};

function checkText(scene: string | undefined): string {
  if (scene === undefined || scene.length < 1 || scene.length > 64) throw new PlatformError(40053);
  return scene;
}

function checkNumber(scene: number | undefined, most: number): string {
  if (scene === undefined || !Number.isInteger(scene) || scene < 1 || scene > most) throw new PlatformError(40053);
  return String(scene);
}
