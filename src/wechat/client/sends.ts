import { z } from 'zod';
import type { NewsArticle } from '../../dialogue/message';
import type { Account } from '../../people/accounts';
import { type AccountCalls, readAnswer } from './call-account';

/** A customer-service message. */
export type CustomMessage =
  | { type: 'text'; content: string }
  | { type: 'image'; mediaId: string }
  | { type: 'voice'; mediaId: string }
  | { type: 'video'; mediaId: string; title: string; description: string }
  | { type: 'music'; title: string; description: string; musicUrl: string; hqMusicUrl: string; thumbMediaId: string }
  | { type: 'news'; articles: NewsArticle[] }
  | { type: 'msgmenu'; head: string; list: { id: string; content: string }[]; tail: string };

/** A subscription notice or template message: fields by their name in the template. */
export type TemplateMessage = {
  openid: string;
  templateId: string;
  data: Record<string, string>;
  url?: string;
  /** repeating it within ten minutes sends nothing twice; at most 32 characters */
  clientMsgId: string;
};

const accepted = z.object({ msgid: z.union([z.string(), z.number()]).transform(String).optional() });

export function sendCalls({ api, post }: AccountCalls) {
  const once = { repeatable: false };
  return {
    /** To a citizen who has been in touch: 5 within 48 h of a message, 3 within a minute of a tap or scan. */
    async custom(account: Account, openid: string, message: CustomMessage): Promise<{ msgId: null }> {
      await customSend(account, openid, message);
      return { msgId: null };
    },

    /** @returns the number under which the receipt will come (an int64, so a string) */
    async template(account: Account, message: TemplateMessage): Promise<{ msgId: string | null }> {
      return sent(await post(account, '/cgi-bin/message/template/send', { ...shared(message), url: message.url }));
    },

    /** A subscription notice; the platform refuses it (43101) where the citizen has not allowed its template. */
    async subscribe(account: Account, message: TemplateMessage): Promise<{ msgId: string | null }> {
      return sent(await post(account, '/cgi-bin/message/subscribe/bizsend', { ...shared(message), page: message.url }));
    },
  };

  function customSend(account: Account, openid: string, message: CustomMessage): Promise<unknown> {
    const library = api(account, once);
    switch (message.type) {
      case 'text':
        return library.sendText(openid, message.content);
      case 'image':
        return library.sendImage(openid, message.mediaId);
      case 'voice':
        return library.sendVoice(openid, message.mediaId);
      case 'video':
        return raw(account, openid, 'video', {
          media_id: message.mediaId,
          title: message.title,
          description: message.description,
        });
      case 'music':
        return library.sendMusic(openid, {
          title: message.title,
          description: message.description,
          musicurl: message.musicUrl,
          hqmusicurl: message.hqMusicUrl,
          thumb_media_id: message.thumbMediaId,
        });
      case 'news':
        return library.sendNews(
          openid,
          message.articles.map(({ picUrl, ...article }) => ({ ...article, picurl: picUrl })),
        );
      case 'msgmenu':
        return raw(account, openid, 'msgmenu', {
          head_content: message.head,
          list: message.list,
          tail_content: message.tail,
        });
    }
  }

  function raw(account: Account, openid: string, msgtype: string, body: object) {
    return post(account, '/cgi-bin/message/custom/send', { touser: openid, msgtype, [msgtype]: body });
  }
}

function shared({ openid, templateId, data, clientMsgId }: TemplateMessage) {
  const fields = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, { value }]));
  return { touser: openid, template_id: templateId, data: fields, client_msg_id: clientMsgId };
}

function sent(json: unknown): { msgId: string | null } {
  return { msgId: readAnswer(accepted, json).msgid ?? null };
}
