import { randomBytes } from 'node:crypto';
import type { Simulator } from './types';

export type Media = {
  id: string;
  account: string;
  type: string;
  content_type: string;
  filename: string;
  bytes: Buffer | null;
  about: Record<string, unknown>;
  made_at: Date;
};

const temporarySeconds = 3 * 24 * 3600;

type NewMedia = {
  account: string;
  type: string;
  contentType: string;
  filename: string;
  bytes: Buffer | null;
  about?: Record<string, unknown>;
  permanent?: boolean;
};

/** Temporary media live three days. */
export async function keepMedia(sim: Simulator, media: NewMedia): Promise<string> {
  const id = randomBytes(48).toString('base64url').replace(/^-/, 'm');
  const now = sim.clock.now();
  const end = media.permanent ? null : new Date(now.getTime() + temporarySeconds * 1000);
  await sim.db.query(
    `INSERT INTO simulator.media (id, account, type, content_type, filename, bytes, about, made_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      media.account,
      media.type,
      media.contentType,
      media.filename,
      media.bytes,
      JSON.stringify(media.about ?? {}),
      now,
      end,
    ],
  );
  return id;
}

export async function findMedia(sim: Simulator, id: string, account?: string): Promise<Media | undefined> {
  const [row] = await sim.db.query<Media>(
    `SELECT * FROM simulator.media WHERE id = $1 AND ($2::text IS NULL OR account = $2) AND (expires_at IS NULL OR expires_at > $3)`,
    [id, account ?? null, sim.clock.now()],
  );
  return row;
}

/** Where the phone sees it. */
export const mediaUrl = (sim: Simulator, id: string) => `${sim.publicUrl}/simulator/media/${encodeURIComponent(id)}`;

/** What the bytes really are, whatever their name says. */
export function sniff(bytes: Buffer): string | undefined {
  const starts = (hex: string, at = 0) => bytes.subarray(at, at + hex.length / 2).toString('hex') === hex;
  if (starts('ffd8ff')) return 'image/jpeg';
  if (starts('89504e470d0a1a0a')) return 'image/png';
  if (starts('474946383761') || starts('474946383961')) return 'image/gif';
  if (starts('424d')) return 'image/bmp';
  if (starts('2321414d52')) return 'audio/amr';
  if (starts('494433') || starts('fffb') || starts('fff3') || starts('fff2')) return 'audio/mp3';
  if (starts('66747970', 4)) return 'video/mp4';
  return undefined;
}
