import type { Account } from '../../people/accounts';
import { WechatError } from './error';
import type { Hosts } from './hosts';
import { exchange, type HttpFault } from './http';
import type { Download } from './media';

/** A picture as its callback named it. */
export type ChatPicture = { mediaId: string; picUrl: string };
export type Fetched = { bytes: Buffer } | { gone: string };

type Deps = {
  downloadMedia(account: Account, mediaId: string, maxBytes: number): Promise<Download | { videoUrl: string }>;
  hosts: Pick<Hosts, 'isPicture'>;
};
const mostBytes = 20 * 1024 * 1024;
const transferMs = 60_000;

export function pictureCalls({ downloadMedia, hosts }: Deps) {
  return {
    /**
     * A picture that a citizen sent: by its media id from the platform, which keeps it three days; where the platform does not give
     * it, from the address that came along, if that is one of the platform's own. Anyone who can sign a callback could write another.
     * @throws WechatError where asking again later may help
     */
    async fetchPicture(account: Account, { mediaId, picUrl }: ChatPicture): Promise<Fetched> {
      try {
        const media = await downloadMedia(account, mediaId, mostBytes);
        return 'bytes' in media ? { bytes: media.bytes } : { gone: '这不是图片' };
      } catch (error) {
        if (!(error instanceof WechatError)) throw error;
        const bytes = await fromAddress(picUrl);
        if (bytes) return { bytes };
        if (error.kind === 'refused') return { gone: error.message };
        throw error;
      }
    },
  };

  async function fromAddress(picUrl: string): Promise<Buffer | undefined> {
    if (!URL.canParse(picUrl) || !hosts.isPicture(new URL(picUrl))) return undefined;
    try {
      const { status, body } = await exchange({
        url: picUrl,
        method: 'GET',
        timeoutMs: transferMs,
        maxBytes: mostBytes,
      });
      return status === 200 ? body : undefined;
    } catch (fault) {
      if ((fault as HttpFault).reason === 'too-large') return undefined;
      throw new WechatError('unreachable', 'transient', '连不上微信的图片服务器', (fault as HttpFault).message);
    }
  }
}
