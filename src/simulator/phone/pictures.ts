import { keepMedia, mediaUrl, sniff } from '../media-store';
import type { Actor } from './actor';
import { PhoneError } from './phone-error';

const largest = 10 * 1024 * 1024;

/**
 * A picture the citizen sends, kept as a temporary medium. An address that cannot be fetched is passed on as it is: the account then has
 * a PicUrl that does not load, as it happens.
 */
export async function receivePicture(
  { sim, account }: Actor,
  given: string,
): Promise<{ url: string; mediaId: string }> {
  const remote = /^https?:\/\//i.test(given);
  const bytes = remote ? await fetchPicture(given) : decodePicture(given);
  const contentType = (bytes && sniff(bytes)) || 'image/jpeg';
  const filename = `picture.${contentType.split('/')[1]}`;
  const mediaId = await keepMedia(sim, { account: account.key, type: 'image', contentType, filename, bytes });
  return { url: bytes ? mediaUrl(sim, mediaId) : given, mediaId };
}

/** A recording nobody looks into: the shortest file of its kind. */
export async function receiveRecording({ sim, account }: Actor, type: 'voice' | 'video' | 'thumb'): Promise<string> {
  const { contentType, filename, bytes } = recordings[type];
  return keepMedia(sim, { account: account.key, type, contentType, filename, bytes });
}

const recordings = {
  // One frame of silence.
  voice: {
    contentType: 'audio/amr',
    filename: 'voice.amr',
    bytes: Buffer.from('2321414d520a7c000000000000000000000000000000000000000000000000000000000000', 'hex'),
  },
  video: {
    contentType: 'video/mp4',
    filename: 'video.mp4',
    bytes: Buffer.from('000000186674797069736f6d0000020069736f6d69736f32', 'hex'),
  },
  thumb: { contentType: 'image/jpeg', filename: 'thumb.jpg', bytes: Buffer.from('ffd8ffd9', 'hex') },
};

function decodePicture(given: string): Buffer {
  const base64 = given.replace(/^data:image\/[\w.+-]+;base64,/, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) throw new PhoneError(400, 'image：须为 http(s) 地址或 base64');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > largest) throw new PhoneError(413, '图片超过 10 MB');
  if (!sniff(bytes)?.startsWith('image/')) throw new PhoneError(400, 'image：内容不是 JPEG、PNG、GIF 或 BMP 图片');
  return bytes;
}

async function fetchPicture(url: string): Promise<Buffer | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > largest) return null;
    const bytes = Buffer.from(await response.arrayBuffer());
    return bytes.length <= largest && sniff(bytes)?.startsWith('image/') ? bytes : null;
  } catch {
    return null;
  }
}
