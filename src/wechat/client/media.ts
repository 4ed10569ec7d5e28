import { z } from 'zod';
import type { Account } from '../../people/accounts';
import { type AccountCalls, readAnswer } from './call-account';
import { WechatError } from './error';

export type MediaType = 'image' | 'voice' | 'video' | 'thumb';
export type Upload = { type: MediaType; bytes: Uint8Array; filename: string; contentType: string };
export type Download = { bytes: Buffer; contentType: string; filename: string };

/** The platform's limits for temporary media, which live three days. */
const mostBytes: Record<MediaType, number> = {
  image: 10 * 1024 * 1024,
  voice: 2 * 1024 * 1024,
  video: 10 * 1024 * 1024,
  thumb: 64 * 1024,
};
const transferMs = 60_000;

const uploaded = z.object({ media_id: z.string().optional(), thumb_media_id: z.string().optional() });
const videoLink = z.object({ video_url: z.url() });

export function mediaCalls({ call }: AccountCalls) {
  return {
    async uploadMedia(account: Account, file: Upload): Promise<{ mediaId: string }> {
      const most = mostBytes[file.type];
      if (file.bytes.byteLength > most)
        throw new WechatError('45001', 'refused', `文件有 ${file.bytes.byteLength} 字节，微信最多接受 ${most} 字节`);
      const body = new FormData();
      body.append('media', new Blob([new Uint8Array(file.bytes)], { type: file.contentType }), file.filename);
      // An upload that was made twice only leaves a file that nobody uses.
      const path = `/cgi-bin/media/upload?type=${file.type}`;
      const { json } = await call(account, { path, method: 'POST', body, repeatable: true, timeoutMs: transferMs });
      const { media_id, thumb_media_id } = readAnswer(uploaded, json);
      const mediaId = media_id ?? thumb_media_id;
      if (!mediaId) throw new WechatError('bad-answer', 'unknown-outcome', '微信平台没有返回媒体编号');
      return { mediaId };
    },

    /** A temporary file, such as the picture that a citizen sent. For a video the platform answers with a link to it. */
    async downloadMedia(
      account: Account,
      mediaId: string,
      maxBytes = 10 * 1024 * 1024,
    ): Promise<Download | { videoUrl: string }> {
      const path = `/cgi-bin/media/get?media_id=${encodeURIComponent(mediaId)}`;
      const answer = await call(account, { path, method: 'GET', repeatable: true, timeoutMs: transferMs, maxBytes });
      if (answer.json !== undefined) return { videoUrl: readAnswer(videoLink, answer.json).video_url };
      const filename = /filename="?([^";]+)/i.exec(answer.disposition)?.[1] ?? '';
      return { bytes: answer.body, contentType: answer.contentType, filename };
    },
  };
}
