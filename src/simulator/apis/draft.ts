import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ok, PlatformError } from '../errcode';
import { pushEvent } from '../push';
import { type Api, type Call, read } from './api';

const article = z.object({
  title: z.string().min(1),
  author: z.string().max(16).optional(),
  digest: z.string().max(128).optional(),
  content: z.string().min(1),
  content_source_url: z.string().max(1024).optional(),
  thumb_media_id: z.string(),
  need_open_comment: z.number().optional(),
  only_fans_can_comment: z.number().optional(),
});
const articles = z.array(article).min(1).max(8);
const byMediaId = z.object({ media_id: z.string() });

type Draft = {
  media_id: string;
  content: z.infer<typeof articles>;
  updated_at: Date;
  publish_id: string | null;
  article_id: string | null;
};

export const draftApis: Record<string, Api> = {
  'cgi-bin/draft/add': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const content = read(call, z.object({ articles })).articles;
      await checkArticles(call, content);
      const media_id = randomBytes(48).toString('base64url');
      await call.sim.db.query(
        'INSERT INTO simulator.drafts (media_id, account, content, updated_at) VALUES ($1, $2, $3, $4)',
        [media_id, call.account.key, JSON.stringify(content), call.sim.clock.now()],
      );
      return { json: { media_id, item: [] } };
    },
  },
  'cgi-bin/draft/get': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      return { json: { news_item: (await findDraft(call)).content } };
    },
  },
  'cgi-bin/draft/delete': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const { media_id } = await findDraft(call);
      await call.sim.db.query('UPDATE simulator.drafts SET deleted = true WHERE media_id = $1', [media_id]);
      return { json: ok };
    },
  },
  'cgi-bin/freepublish/submit': {
    method: 'POST',
    daily: 100,
    async run(call) {
      const draft = await findDraft(call);
      const article_id = randomBytes(24).toString('base64url');
      const [published] = await call.sim.db.query<{ publish_id: string }>(
        `WITH published AS (
           UPDATE simulator.drafts SET publish_id = nextval('simulator.publish_ids'), article_id = $2, deleted = true
           WHERE media_id = $1 AND publish_id IS NULL RETURNING publish_id)
         SELECT publish_id FROM published`,
        [draft.media_id, article_id],
      );
      if (!published) throw new PlatformError(53404);
      const publish_id = published.publish_id;
      call.sim.later(() =>
        pushEvent(call.sim, call.account, '', publishedEvent(publish_id, article_id, draft.content.length)),
      );
      return { json: { ...ok, publish_id, msg_data_id: BigInt(publish_id) } };
    },
  },
  'cgi-bin/freepublish/get': {
    method: 'POST',
    daily: 100,
    async run(call) {
      const { publish_id } = read(call, z.object({ publish_id: z.union([z.string(), z.number()]).transform(String) }));
      const [row] = await call.sim.db.query<Draft>(
        'SELECT * FROM simulator.drafts WHERE account = $1 AND publish_id::text = $2',
        [call.account.key, publish_id],
      );
      if (!row) throw new PlatformError(53600);
      const item = row.content.map((_article, i) => ({
        idx: i + 1,
        article_url: `http://mp.weixin.qq.com/s/${row.article_id}-${i + 1}`,
      }));
      const article_detail = { count: item.length, item };
      return { json: { publish_id, publish_status: 0, article_id: row.article_id, article_detail, fail_idx: [] } };
    },
  },
};

async function findDraft(call: Call): Promise<Draft> {
  const { media_id } = read(call, byMediaId);
  const [draft] = await call.sim.db.query<Draft>(
    'SELECT * FROM simulator.drafts WHERE media_id = $1 AND account = $2 AND NOT deleted',
    [media_id, call.account.key],
  );
  if (!draft) throw new PlatformError(40007);
  return draft;
}

/** The cover must be a permanent picture. */
async function checkArticles({ sim, account }: Call, content: z.infer<typeof articles>) {
  for (const { title, content: text, thumb_media_id } of content) {
    if ([...title].length > 64) throw new PlatformError(45003);
    if ([...text].length >= 20_000 || Buffer.byteLength(text) > 1024 * 1024) throw new PlatformError(45002);
    const cover = await sim.db.query(
      `SELECT id FROM simulator.media WHERE id = $1 AND account = $2 AND expires_at IS NULL AND type IN ('image', 'thumb')`,
      [thumb_media_id, account.key],
    );
    if (cover.length === 0) throw new PlatformError(40007);
  }
}

function publishedEvent(publishId: string, articleId: string, count: number) {
  const item = Array.from({ length: count }, (_none, i) => ({
    idx: i + 1,
    article_url: `http://mp.weixin.qq.com/s/${articleId}-${i + 1}`,
  }));
  return {
    Event: 'PUBLISHJOBFINISH',
    PublishEventInfo: {
      publish_id: BigInt(publishId),
      publish_status: 0,
      article_id: articleId,
      article_detail: { count, item },
    },
  };
}
