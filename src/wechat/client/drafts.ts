import { z } from 'zod';
import type { Account } from '../../people/accounts';
import { type AccountCalls, readAnswer } from './call-account';

export type DraftArticle = {
  title: string;
  author?: string;
  digest?: string;
  /** HTML, below 20,000 characters */
  content: string;
  sourceUrl?: string;
  /** a permanent picture's */
  coverMediaId: string;
};

const added = z.object({ media_id: z.string() });
const submitted = z.object({ publish_id: z.union([z.string(), z.number()]).transform(String) });
const state = z.object({ publish_status: z.number(), article_id: z.string().optional() });

export function draftCalls({ post }: AccountCalls) {
  return {
    async addDraft(account: Account, articles: DraftArticle[]): Promise<{ mediaId: string }> {
      const json = await post(account, '/cgi-bin/draft/add', {
        articles: articles.map(({ sourceUrl, coverMediaId, ...article }) => ({
          ...article,
          content_source_url: sourceUrl,
          thumb_media_id: coverMediaId,
        })),
      });
      return { mediaId: readAnswer(added, json).media_id };
    },
    async deleteDraft(account: Account, mediaId: string): Promise<void> {
      await post(account, '/cgi-bin/draft/delete', { media_id: mediaId });
    },
    /** Sets publishing going; how it ends comes as PUBLISHJOBFINISH, or by `publishState`. */
    async publish(account: Account, mediaId: string): Promise<{ publishId: string }> {
      const json = await post(account, '/cgi-bin/freepublish/submit', { media_id: mediaId });
      return { publishId: readAnswer(submitted, json).publish_id };
    },
    /** `status` 0 published, 1 under way, 2 original check failed, 3 failed, 4 review refused, 5 and 6 taken down since */
    async publishState(account: Account, publishId: string): Promise<{ status: number; articleId?: string }> {
      const json = await post(account, '/cgi-bin/freepublish/get', { publish_id: publishId }, { repeatable: true });
      const { publish_status, article_id } = readAnswer(state, json);
      return { status: publish_status, articleId: article_id };
    },
  };
}
