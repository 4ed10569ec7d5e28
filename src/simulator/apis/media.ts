import { z } from 'zod';
import { ok, PlatformError } from '../errcode';
import { findMedia, keepMedia, type Media, mediaUrl, sniff } from '../media-store';
import { readForm, type UploadedFile } from '../request-body';
import { type Api, type Call, read } from './api';

const megabyte = 1024 * 1024;
const kinds: Record<string, { bytes: number; types: string[] }> = {
  image: { bytes: 10 * megabyte, types: ['image/jpeg', 'image/png', 'image/gif', 'image/bmp'] },
  voice: { bytes: 2 * megabyte, types: ['audio/amr', 'audio/mp3'] },
  video: { bytes: 10 * megabyte, types: ['video/mp4'] },
  thumb: { bytes: 64 * 1024, types: ['image/jpeg'] },
};

const byId = z.object({ media_id: z.string() });

export const mediaApis: Record<string, Api> = {
  'cgi-bin/media/upload': {
    method: 'POST',
    daily: 100_000,
    async run(call) {
      const type = call.query.get('type') ?? '';
      const { file } = await uploaded(call, type);
      const id = await keepMedia(call.sim, {
        account: call.account.key,
        type,
        ...file,
        contentType: sniff(file.bytes)!,
      });
      const created_at = Math.floor(call.sim.clock.millis() / 1000);
      // A thumb's id comes under a name of its own.
      const named = type === 'thumb' ? { thumb_media_id: id } : { media_id: id };
      return { json: { type, ...named, created_at, item: [] }, textPlain: true };
    },
  },
  'cgi-bin/media/get': {
    method: 'any',
    daily: 200_000,
    async run({ sim, account, query }) {
      return download(call404(await findMedia(sim, query.get('media_id') ?? '', account.key)), (id) =>
        mediaUrl(sim, id),
      );
    },
  },
  'cgi-bin/media/uploadimg': {
    method: 'POST',
    daily: 100_000,
    async run(call) {
      const { file } = await uploaded(call, 'image', megabyte, ['image/jpeg', 'image/png']);
      const id = await keep(call, 'article-image', file);
      return { json: { url: mediaUrl(call.sim, id) }, textPlain: true };
    },
  },
  'cgi-bin/material/add_material': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const type = call.query.get('type') ?? '';
      const { file, fields } = await uploaded(call, type);
      const about = type === 'video' ? videoWords(fields.description) : {};
      const id = await keep(call, type, file, about);
      return {
        json:
          type === 'image' || type === 'thumb'
            ? { media_id: id, url: mediaUrl(call.sim, id), item: [] }
            : { media_id: id, item: [] },
        textPlain: true,
      };
    },
  },
  'cgi-bin/material/get_material': {
    method: 'POST',
    daily: 200_000,
    async run(call) {
      const { media_id } = read(call, byId);
      return download(await permanent(call, media_id), (id) => mediaUrl(call.sim, id));
    },
  },
  'cgi-bin/material/del_material': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const { media_id } = read(call, byId);
      await permanent(call, media_id);
      await call.sim.db.query('DELETE FROM simulator.media WHERE id = $1', [media_id]);
      return { json: ok };
    },
  },
  'cgi-bin/material/get_materialcount': {
    method: 'any',
    daily: 5000,
    async run({ sim, account }) {
      const rows = await sim.db.query<{ type: string; n: number }>(
        `SELECT type, count(*)::int AS n FROM simulator.media WHERE account = $1 AND expires_at IS NULL GROUP BY type`,
        [account.key],
      );
      const count = (type: string) => rows.find((row) => row.type === type)?.n ?? 0;
      return {
        json: { voice_count: count('voice'), video_count: count('video'), image_count: count('image'), news_count: 0 },
      };
    },
  },
  'cgi-bin/material/batchget_material': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const { type, offset, count } = read(
        call,
        z.object({
          type: z.enum(['image', 'voice', 'video']),
          offset: z.number().int().min(0),
          count: z.number().int().min(1).max(20),
        }),
      );
      const rows = await call.sim.db.query<Media & { total: number }>(
        `SELECT *, count(*) OVER ()::int AS total FROM simulator.media WHERE account = $1 AND type = $2 AND expires_at IS NULL
         ORDER BY made_at DESC, id LIMIT $3 OFFSET $4`,
        [call.account.key, type, count, offset],
      );
      const item = rows.map(({ id, filename, made_at }) => ({
        media_id: id,
        name: filename,
        update_time: Math.floor(made_at.getTime() / 1000),
        url: mediaUrl(call.sim, id),
      }));
      return { json: { item, total_count: rows[0]?.total ?? 0, item_count: item.length } };
    },
  },
};

async function uploaded(call: Call, type: string, most = kinds[type]?.bytes, types = kinds[type]?.types) {
  if (!Object.hasOwn(kinds, type) || most === undefined || types === undefined) throw new PlatformError(40004);
  if (!call.contentType.startsWith('multipart/form-data')) throw new PlatformError(41005);
  const form = await readForm(call.raw, call.contentType).catch(() => {
    throw new PlatformError(41005);
  });
  const file: UploadedFile | undefined = form.files.media ?? Object.values(form.files)[0];
  if (!file || file.bytes.length === 0) throw new PlatformError(41005);
  if (file.bytes.length > most) throw new PlatformError(40006);
  if (!types.includes(sniff(file.bytes) ?? '')) throw new PlatformError(40005);
  return { file, fields: form.fields };
}

function keep(call: Call, type: string, file: UploadedFile, about: Record<string, unknown> = {}) {
  const contentType = sniff(file.bytes)!;
  return keepMedia(call.sim, {
    account: call.account.key,
    type,
    contentType,
    filename: file.filename,
    bytes: file.bytes,
    about,
    permanent: true,
  });
}

async function permanent(call: Call, id: string): Promise<Media> {
  const [media] = await call.sim.db.query<Media>(
    'SELECT * FROM simulator.media WHERE id = $1 AND account = $2 AND expires_at IS NULL',
    [id, call.account.key],
  );
  return call404(media);
}

function call404(media: Media | undefined): Media {
  if (!media?.bytes) throw new PlatformError(40007);
  return media;
}

/** A video comes as an address, everything else as bytes. */
function download(media: Media, url: (id: string) => string) {
  if (media.type !== 'video') return { file: media.bytes!, contentType: media.content_type, filename: media.filename };
  return { json: { video_url: url(media.id), down_url: url(media.id), ...media.about }, textPlain: true };
}

function videoWords(description: string | undefined) {
  const shape = z.object({ title: z.string(), introduction: z.string() });
  try {
    const { title, introduction } = shape.parse(JSON.parse(description ?? ''));
    return { title, description: introduction };
  } catch {
    throw new PlatformError(47001);
  }
}
