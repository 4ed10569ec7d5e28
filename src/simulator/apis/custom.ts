import { z } from 'zod';
import { spendWindow } from '../allowances';
import { findCitizen } from '../citizens';
import { ok, PlatformError } from '../errcode';
import { findMedia, mediaUrl } from '../media-store';
import { addMessage } from '../messages';
import { type Api, type Call, read } from './api';

const envelope = z.object({ touser: z.string(), msgtype: z.string() }).loose();
const media = z.object({ media_id: z.string() });
const optional = z.string().default('');

const shapes = {
  text: z.object({ content: z.string() }),
  image: media,
  voice: media,
  video: z.object({ media_id: z.string(), thumb_media_id: optional, title: optional, description: optional }),
  music: z.object({
    title: optional,
    description: optional,
    musicurl: z.string(),
    hqmusicurl: optional,
    thumb_media_id: z.string(),
  }),
  news: z.object({
    articles: z.array(z.object({ title: z.string(), description: optional, url: optional, picurl: optional })),
  }),
  mpnews: media,
  msgmenu: z.object({
    head_content: optional,
    list: z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String), content: z.string() })),
    tail_content: optional,
  }),
};
type MessageType = keyof typeof shapes;

export const customApis: Record<string, Api> = {
  'cgi-bin/message/custom/send': {
    method: 'POST',
    daily: 500_000,
    async run(call) {
      const form = read(call, envelope);
      const type = form.msgtype as MessageType;
      if (!Object.hasOwn(shapes, type)) throw new PlatformError(40008);
      if (form.customservice !== undefined) throw new PlatformError(65401);
      const body = await bubble(call, type, form[type]);
      const citizen = await findCitizen(call.sim, call.account.key, form.touser);
      if (!citizen) throw new PlatformError(40003);
      if (!citizen.following) throw new PlatformError(45015);
      await spendWindow(call.sim, call.account.key, form.touser);
      await addMessage(call.sim, call.account.key, form.touser, { from: 'account', via: 'custom', ...body });
      return { json: ok };
    },
  },
  'cgi-bin/message/custom/typing': {
    method: 'POST',
    daily: 500_000,
    async run(call) {
      const { touser, command } = read(call, z.object({ touser: z.string(), command: z.string() }));
      if (command !== 'Typing' && command !== 'CancelTyping') throw new PlatformError(45072);
      const citizen = await findCitizen(call.sim, call.account.key, touser);
      if (!citizen) throw new PlatformError(40003);
      const idle = call.sim.clock.now().getTime() - (citizen.interacted_at?.getTime() ?? 0);
      if (idle > 30_000) throw new PlatformError(45080);
      return { json: ok };
    },
  },
};

/** The message as the phone will show it, or the platform's error. */
async function bubble(
  call: Call,
  type: MessageType,
  given: unknown,
): Promise<{ type: string; body: Record<string, unknown> }> {
  const parsed = shapes[type].safeParse(given);
  if (!parsed.success) throw new PlatformError(type === 'text' ? 44004 : type === 'news' ? 44003 : 40097);
  const picture = async (id: string, ...types: string[]) => {
    const found = await findMedia(call.sim, id, call.account.key);
    if (!found || !types.includes(found.type)) throw new PlatformError(40007);
    return mediaUrl(call.sim, id);
  };
  switch (type) {
    case 'text': {
      const { content } = shapes.text.parse(given);
      if (content === '') throw new PlatformError(44004);
      if (Buffer.byteLength(content) > 2048) throw new PlatformError(45002);
      return { type, body: { content } };
    }
    case 'image':
      return { type, body: { url: await picture(media.parse(given).media_id, 'image') } };
    case 'voice':
      return { type, body: { url: await picture(media.parse(given).media_id, 'voice'), recognition: '' } };
    case 'video': {
      const { media_id, thumb_media_id, title, description } = shapes.video.parse(given);
      if (thumb_media_id) await picture(thumb_media_id, 'thumb', 'image');
      return { type, body: { url: await picture(media_id, 'video'), title, description } };
    }
    case 'music': {
      const { musicurl, hqmusicurl, thumb_media_id, title, description } = shapes.music.parse(given);
      const thumbUrl = await picture(thumb_media_id, 'thumb', 'image');
      return { type, body: { title, description, musicUrl: musicurl, hqMusicUrl: hqmusicurl, thumbUrl } };
    }
    case 'news': {
      const { articles } = shapes.news.parse(given);
      if (articles.length === 0) throw new PlatformError(44003);
      if (articles.length > 1) throw new PlatformError(45008);
      return { type, body: { articles: articles.map(({ picurl, ...rest }) => ({ ...rest, picUrl: picurl })) } };
    }
    case 'mpnews':
      return { type: 'news', body: { articles: await draftArticles(call, media.parse(given).media_id) } };
    case 'msgmenu': {
      const { head_content, list, tail_content } = shapes.msgmenu.parse(given);
      if (list.length === 0 || list.some(({ id, content }) => id === '' || content === ''))
        throw new PlatformError(40097);
      return { type, body: { head: head_content, list, tail: tail_content } };
    }
  }
}

async function draftArticles({ sim, account }: Call, mediaId: string) {
  const [draft] = await sim.db.query<{ content: { title: string; digest?: string; content_source_url?: string }[] }>(
    'SELECT content FROM simulator.drafts WHERE media_id = $1 AND account = $2 AND NOT deleted',
    [mediaId, account.key],
  );
  if (!draft) throw new PlatformError(40007);
  const [first] = draft.content;
  return [{ title: first!.title, description: first!.digest ?? '', url: first!.content_source_url ?? '', picUrl: '' }];
}
