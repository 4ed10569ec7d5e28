import sharp from 'sharp';
import { UserError } from '../errors';
import { takeTurn } from './turns';

/** As large as a phone makes them, and more than any of WeChat's. */
export const mostImageBytes = 20 * 1024 * 1024;
/** A megabyte can unfold into gigabytes; phones make up to 50 million, panoramas a little more. */
const mostPixels = 80_000_000;
const secondsForOne = 20;

const longestSide = 1600;
/** A long screenshot is read by scrolling: there the width decides whether its words can be read. */
const longRatio = 2.5;
const longWidth = 800;
const longHeight = 8000;
const smallSide = 400;

// One thread for one picture: the others are for whoever waits for an answer. What was decoded is not kept.
sharp.concurrency(1);
sharp.cache(false);

/** A picture as we keep it: JPEG of moderate size, upright, without anything the camera wrote into it (where, when, with what). */
export type Image = { contentType: string; width: number; height: number; bytes: Buffer; small: Buffer };

/**
 * Makes a picture of what somebody sent. Every way in goes through here, so that no position, serial number or name of a
 * camera is ever stored, and what is served is of our own making whatever came.
 * @throws UserError in words for whoever sent it; 503 when too many wait
 */
export async function makeImage(given: Buffer): Promise<Image> {
  if (given.length === 0) throw refused('empty', '图片是空的，请重新选择');
  if (given.length > mostImageBytes)
    throw new UserError(413, 'too-large', `图片不能超过 ${mostImageBytes / 1024 / 1024} MB，请压缩后再传`);
  const kind = kindOf(given);
  if (kind === 'heic')
    throw refused('heic', '这张是 HEIC 图片，打不开。请截图后再传，或在手机「设置-相机-格式」里选「兼容性最佳」后重拍');
  if (kind === undefined) throw refused('not-an-image', '这不是能用的图片，请传 JPEG、PNG、WebP 或 GIF 图片');
  return takeTurn(() => convert(given));
}

async function convert(given: Buffer): Promise<Image> {
  try {
    const { autoOrient } = await open(given).metadata();
    const large = await open(given)
      .autoOrient()
      .resize({ ...boxFor(autoOrient), fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 80 })
      .timeout({ seconds: secondsForOne })
      .toBuffer({ resolveWithObject: true });
    const small = await open(large.data)
      .resize({ width: smallSide, height: smallSide, fit: 'cover', withoutEnlargement: true })
      .jpeg({ quality: 72 })
      .toBuffer();
    const { width, height } = large.info;
    return { contentType: 'image/jpeg', width, height, bytes: large.data, small };
  } catch (error) {
    const reason = (error as Error).message;
    if (/pixel limit|exceeds/i.test(reason))
      throw refused('too-many-pixels', `图片太大了，长乘宽不能超过 ${mostPixels / 10_000} 万像素，请压缩后再传`);
    if (/timeout/i.test(reason)) throw refused('too-slow', '这张图片处理不了，请压缩或截图后再传');
    throw refused('damaged', '图片损坏或没有传完整，请重新选择');
  }
}

/** Of moving ones the first picture. A few broken bytes that every viewer forgives are forgiven; half a picture is not. */
const open = (bytes: Buffer) => sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error', animated: false });

function boxFor({ width, height }: { width: number; height: number }): { width: number; height: number } {
  if (height >= longRatio * width) return { width: longWidth, height: longHeight };
  if (width >= longRatio * height) return { width: longHeight, height: longWidth };
  return { width: longestSide, height: longestSide };
}

/**
 * By its first bytes, whatever its name says: of all that the library can open, only what phones and browsers make is let
 * through. SVG above all is a document with scripts and addresses.
 */
function kindOf(bytes: Buffer): 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'heic' | undefined {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (text(4, 8) !== 'ftyp') return undefined;
  const brands = text(8, 40);
  if (/avif|avis/.test(brands)) return 'avif';
  return /hei[cxms]|hev[cxms]|mif1|msf1/.test(brands) ? 'heic' : undefined;
}

const refused = (code: string, message: string) => new UserError(422, code, message, { image: message });
