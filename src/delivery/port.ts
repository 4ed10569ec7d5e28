import type { Account } from '../people/accounts';
import type { Message } from './message';

/** A message as it leaves: a picture of ours goes along. */
export type Outgoing = Exclude<Message, { fileId: string }> | { type: 'image'; bytes: Buffer; contentType: string };

/** How a send ended, as far as delivery has to decide about it. */
export type SendOutcome =
  /** taken on by the platform; a receipt under `msgId` follows for notices and templates, never for customer-service messages */
  | { outcome: 'accepted'; msgId: string | null }
  | {
      outcome: /** the 48 h (or the minute) are over, or the citizen has left */
        | 'window'
        /** the messages that a contact allows are used up */
        | 'count'
        /** no such citizen */
        | 'nobody'
        /** this channel surely did not send it and will not */
        | 'refused'
        /** used up for today */
        | 'quota'
        /** the platform asks to try later */
        | 'busy'
        /** it never got there */
        | 'not-sent'
        /** not even tried: calls pause, or the account needs an admin */
        | 'unavailable'
        /** no answer came: it may have been sent */
        | 'unknown';
      code: string;
      /** in Chinese, for staff */
      reason: string;
    };

export type NoticeToSend = {
  openid: string;
  templateId: string;
  data: Record<string, string>;
  url?: string;
  /** repeating the send with it is harmless for ten minutes */
  clientMsgId: string;
};

/** All that delivery wants of WeChat. None of these throws for what the platform, or the way there, did. */
export type WechatPort = {
  custom(account: Account, openid: string, message: Outgoing): Promise<SendOutcome>;
  subscribe(account: Account, notice: NoticeToSend): Promise<SendOutcome>;
  template(account: Account, notice: NoticeToSend): Promise<SendOutcome>;
};

export type Channel = keyof WechatPort;
