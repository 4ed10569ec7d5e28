import { z } from 'zod';
import type { Account } from '../../people/accounts';
import { type AccountCalls, readAnswer } from './call-account';
import type { Hosts } from './hosts';

const code = z.object({ ticket: z.string(), url: z.string(), expire_seconds: z.number().optional() });
const user = z.object({
  subscribe: z.number(),
  subscribe_time: z.number().optional(),
  remark: z.string().optional(),
  tagid_list: z.array(z.number()).optional(),
  qr_scene_str: z.string().optional(),
});
const addresses = z.object({ ip_list: z.array(z.string()) });

/** Who follows, and codes that lead to us. Since 2021 WeChat tells no name, picture, sex or region. */
export function peopleCalls({ api }: AccountCalls, hosts: Hosts) {
  return {
    /** A QR code that brings its scene along: for `seconds` (30 days at most), or for good (100,000 an account) without. */
    async createQrCode(account: Account, scene: string, seconds?: number) {
      const library = api(account);
      const json =
        seconds === undefined ? await library.createLimitQRCode(scene) : await library.createTmpQRCode(scene, seconds);
      const { ticket, url, expire_seconds } = readAnswer(code, json);
      const imageUrl = `${hosts.mp}/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`;
      return { ticket, url, imageUrl, seconds: expire_seconds };
    },

    async userInfo(account: Account, openid: string) {
      const json = await api(account).getUser({ openid: encodeURIComponent(openid), lang: 'zh_CN' });
      const { subscribe, subscribe_time, remark = '', tagid_list = [], qr_scene_str = '' } = readAnswer(user, json);
      const followedAt = subscribe_time === undefined ? undefined : new Date(subscribe_time * 1000);
      return { following: subscribe === 1, followedAt, remark, tags: tagid_list, scene: qr_scene_str };
    },

    /** Where callbacks come from, for a firewall's list. */
    async callbackIps(account: Account): Promise<string[]> {
      return readAnswer(addresses, await api(account).getIp()).ip_list;
    },
  };
}
