/**
 * What arrives from WeChat and what is answered, as closed unions.
 *
 * `wechat/` makes an `Inbound` of XML and XML of a `Reply`; nobody else knows what either looks like on the wire.
 */

/** What every callback carries, whatever its kind. */
export type InboundBase = {
  /** ToUserName: the account's original id (gh_…). */
  to: string;
  /** The citizen. FromUserName, or OpenID where the event carries it there (authorisation events). */
  openid: string;
  /** CreateTime, seconds since 1970; 0 when absent or unreadable. The same in every repeat of a callback. */
  createTime: number;
  /** What tells this callback from every other of the same citizen: `m:<MsgId>` or `e:<hash>`. See wechat/inbound.ts. */
  dedupe: string;
};

type Article = {
  /** Set when the message was sent from an article's page. */
  msgDataId?: string;
  articleIdx?: string;
};

export type InboundMessage = InboundBase & { msgId: string } & Article &
  (
    | { type: 'text'; content: string /** id of the msgmenu entry that was tapped */; menuId?: string }
    | { type: 'image'; picUrl: string; mediaId: string }
    | {
        type: 'voice';
        mediaId: string;
        format: string /** what WeChat heard, '' when it heard nothing */;
        recognition: string;
      }
    | { type: 'video' | 'shortvideo'; mediaId: string; thumbMediaId: string }
    | { type: 'location'; latitude: number; longitude: number; scale: number; label: string }
    | { type: 'link'; title: string; description: string; url: string }
    | { type: 'unknown'; msgType: string; fields: Fields }
  );

export type InboundEvent = InboundBase & { type: 'event' } & (
    | {
        event: 'subscribe' /** scene of the QR code, without `qrscene_`; '' without one */;
        scene: string;
        eventKey: string;
        ticket: string;
      }
    | { event: 'unsubscribe' }
    | { event: 'scan'; scene: string; ticket: string }
    | { event: 'location'; latitude: number; longitude: number; precision: number }
    | { event: 'click'; key: string }
    | { event: 'view'; url: string; menuId: string }
    | { event: 'view_miniprogram'; path: string; menuId: string }
    | { event: 'scancode_push' | 'scancode_waitmsg'; key: string; scanType: string; scanResult: string }
    | { event: 'pic_sysphoto' | 'pic_photo_or_album' | 'pic_weixin'; key: string; count: number; md5s: string[] }
    | {
        event: 'location_select';
        key: string;
        latitude: number;
        longitude: number;
        scale: number;
        label: string;
        poiName: string;
      }
    | {
        event: 'templatesendjobfinish';
        msgId: string /** `success`, `failed:user block`, `failed: system failed` */;
        status: string;
      }
    | {
        event: 'masssendjobfinish';
        msgId: string;
        status: string;
        total: number;
        filtered: number;
        sent: number;
        failed: number;
      }
    | {
        event: 'publishjobfinish';
        publishId: string /** 0 published … 6, as Tencent numbers them */;
        status: number;
        articleId: string;
        failIdx: number[];
      }
    | { event: 'subscribe_msg_popup_event'; choices: { templateId: string; status: string; scene: string }[] }
    | { event: 'subscribe_msg_change_event'; choices: { templateId: string; status: string }[] }
    | {
        event: 'subscribe_msg_sent_event';
        results: { templateId: string; msgId: string; errorCode: string; errorStatus: string }[];
      }
    | {
        event: 'user_info_modified' | 'user_authorization_revoke' | 'user_authorization_cancellation';
        appid: string;
        revokeInfo: string;
      }
    | { event: 'kf_create_session' | 'kf_close_session' | 'kf_switch_session'; account: string; toAccount: string }
    | {
        event: 'qualification_verify_success' | 'naming_verify_success' | 'annual_renew' | 'verify_expired';
        expiredTime: number;
      }
    | { event: 'qualification_verify_fail' | 'naming_verify_fail'; failTime: number; reason: string }
    | { event: 'unknown'; name: string; fields: Fields }
  );

export type Inbound = InboundMessage | InboundEvent;

/** An element tree with no prototype: element name → text, child tree, or a list where the element repeats. */
export type Fields = { [name: string]: FieldValue };
export type FieldValue = string | Fields | FieldValue[];

export type NewsArticle = { title: string; description: string; picUrl: string; url: string };

/** A passive reply. `none` leaves as the 7 bytes `success`. */
export type Reply =
  | { type: 'none' }
  | { type: 'text'; content: string }
  | { type: 'image'; mediaId: string }
  | { type: 'voice'; mediaId: string }
  | { type: 'video'; mediaId: string; title: string; description: string }
  | { type: 'music'; title: string; description: string; musicUrl: string; hqMusicUrl: string; thumbMediaId: string }
  | { type: 'news'; articles: NewsArticle[] }
  | { type: 'transfer' /** a certain customer-service account, or whoever is free */; kfAccount?: string };

export const none: Reply = { type: 'none' };
export const text = (content: string): Reply => ({ type: 'text', content });
