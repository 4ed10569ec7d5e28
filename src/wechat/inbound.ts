import type { Fields, Inbound, InboundBase, InboundEvent, InboundMessage } from '../dialogue/message';
import { dedupeKey } from './dedupe';
import { count, digits, fieldsOf, list, number, text, texts } from './fields';
import { XmlError } from './xml-error';

/**
 * What WeChat pushed, as a member of the closed union. A kind, an event or a shape that is not known yet becomes `unknown` with
 * all its fields, never a fault: Tencent adds events without notice. Throws XmlError `no-sender` when no citizen is named.
 */
export function toInbound(fields: Fields): Inbound {
  const kind = text(fields.MsgType).toLowerCase();
  if (kind !== 'event') return toMessage(kind, fields, base(fields));
  const name = text(fields.Event).toLowerCase();
  return toEvent(name, fields, base(fields, name));
}

/** FromUserName is a platform's account in these: whose authorisation it was stands in OpenID. */
const byPlatform = new Set(['user_info_modified', 'user_authorization_revoke', 'user_authorization_cancellation']);

/**
 * An openid has 28 characters. One longer than this comes from no WeChat and would not fit an index either; one with a blank or
 * a control character neither, and of those Postgres takes no U+0000.
 */
const OPENID = /^[^\0-\x20\x7f]{1,128}$/;

function base(fields: Fields, event?: string): InboundBase {
  const openid = sender(fields, event !== undefined && byPlatform.has(event));
  if (!OPENID.test(openid)) throw new XmlError('no-sender');
  return {
    to: text(fields.ToUserName),
    openid,
    createTime: seconds(text(fields.CreateTime)),
    dedupe: dedupeKey(fields, event),
  };
}

const sender = ({ FromUserName, OpenID }: Fields, byOpenId: boolean): string =>
  byOpenId ? text(OpenID) || text(FromUserName) : text(FromUserName) || text(OpenID);

const YEAR_2100 = 4_102_444_800;

/** 0 for what is no time of WeChat's: the inbox is partitioned by it, and no absurd one may reach a partition. */
function seconds(value: string): number {
  const found = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  return found < YEAR_2100 ? found : 0;
}

function toMessage(kind: string, f: Fields, from: InboundBase): InboundMessage {
  const common = { ...from, msgId: digits(f.MsgId) || digits(f.MsgID), ...article(f) };
  switch (kind) {
    case 'text':
      return {
        ...common,
        type: kind,
        content: text(f.Content),
        ...(text(f.bizmsgmenuid) && { menuId: text(f.bizmsgmenuid) }),
      };
    case 'image':
      return { ...common, type: kind, picUrl: text(f.PicUrl), mediaId: text(f.MediaId) };
    case 'voice':
      return {
        ...common,
        type: kind,
        mediaId: text(f.MediaId),
        format: text(f.Format),
        recognition: text(f.Recognition),
      };
    case 'video':
    case 'shortvideo':
      return { ...common, type: kind, mediaId: text(f.MediaId), thumbMediaId: text(f.ThumbMediaId) };
    case 'location':
      return { ...common, type: kind, ...place(f) };
    case 'link':
      return { ...common, type: kind, title: text(f.Title), description: text(f.Description), url: text(f.Url) };
    default:
      return { ...common, type: 'unknown', msgType: kind, fields: f };
  }
}

function article(f: Fields): { msgDataId?: string; articleIdx?: string } {
  return f.MsgDataId === undefined ? {} : { msgDataId: text(f.MsgDataId), articleIdx: text(f.Idx) };
}

function place(f: Fields): { latitude: number; longitude: number; scale: number; label: string } {
  return {
    latitude: number(f.Location_X),
    longitude: number(f.Location_Y),
    scale: number(f.Scale),
    label: text(f.Label),
  };
}

const SCENE = 'qrscene_';

function toEvent(name: string, f: Fields, from: InboundBase): InboundEvent {
  const common = { ...from, type: 'event' as const };
  const key = text(f.EventKey);
  switch (name) {
    case 'subscribe': {
      // Not every EventKey here is a scene: `last_trade_no_…` after a payment, `scanbarcode|…` from a product's code.
      const scene = key.startsWith(SCENE) ? key.slice(SCENE.length) : '';
      return { ...common, event: name, scene, eventKey: key, ticket: text(f.Ticket) };
    }
    case 'unsubscribe':
      return { ...common, event: name };
    case 'scan':
      return { ...common, event: name, scene: key, ticket: text(f.Ticket) };
    case 'location':
      return {
        ...common,
        event: name,
        latitude: number(f.Latitude),
        longitude: number(f.Longitude),
        precision: number(f.Precision),
      };
    case 'click':
      return { ...common, event: name, key };
    case 'view':
      return { ...common, event: name, url: key, menuId: text(f.MenuId) };
    case 'view_miniprogram':
      return { ...common, event: name, path: key, menuId: text(f.MenuId) };
    case 'scancode_push':
    case 'scancode_waitmsg': {
      const scan = fieldsOf(f.ScanCodeInfo);
      return { ...common, event: name, key, scanType: text(scan.ScanType), scanResult: text(scan.ScanResult) };
    }
    case 'pic_sysphoto':
    case 'pic_photo_or_album':
    case 'pic_weixin': {
      const pics = fieldsOf(f.SendPicsInfo);
      const md5s = list(fieldsOf(pics.PicList).item).map((item) => text(item.PicMd5Sum));
      return { ...common, event: name, key, count: count(pics.Count), md5s };
    }
    case 'location_select': {
      const chosen = fieldsOf(f.SendLocationInfo);
      return { ...common, event: name, key, ...place(chosen), poiName: text(chosen.Poiname) };
    }
    default:
      return toNotice(name, f, common);
  }
}

/** Events that no citizen's finger made: results, authorisations, customer service, the account's verification. */
function toNotice(name: string, f: Fields, common: InboundBase & { type: 'event' }): InboundEvent {
  switch (name) {
    case 'templatesendjobfinish':
      return { ...common, event: name, msgId: jobId(f), status: text(f.Status) };
    case 'masssendjobfinish':
      return {
        ...common,
        event: name,
        msgId: jobId(f),
        status: text(f.Status),
        total: count(f.TotalCount),
        filtered: count(f.FilterCount),
        sent: count(f.SentCount),
        failed: count(f.ErrorCount),
      };
    case 'publishjobfinish': {
      const job = fieldsOf(f.PublishEventInfo);
      return {
        ...common,
        event: name,
        publishId: text(job.publish_id),
        status: count(job.publish_status),
        articleId: text(job.article_id),
        failIdx: texts(job.fail_idx).map(count),
      };
    }
    case 'subscribe_msg_popup_event': {
      const choices = list(fieldsOf(f.SubscribeMsgPopupEvent).List).map((one) => ({
        ...choice(one),
        scene: text(one.PopupScene),
      }));
      return { ...common, event: name, choices };
    }
    case 'subscribe_msg_change_event':
      return { ...common, event: name, choices: list(fieldsOf(f.SubscribeMsgChangeEvent).List).map(choice) };
    case 'subscribe_msg_sent_event': {
      const results = list(fieldsOf(f.SubscribeMsgSentEvent).List).map((one) => ({
        templateId: text(one.TemplateId),
        msgId: jobId(one),
        errorCode: text(one.ErrorCode),
        errorStatus: text(one.ErrorStatus),
      }));
      return { ...common, event: name, results };
    }
    case 'user_info_modified':
    case 'user_authorization_revoke':
    case 'user_authorization_cancellation':
      return { ...common, event: name, appid: text(f.AppID) || text(f.AppId), revokeInfo: text(f.RevokeInfo) };
    case 'kf_create_session':
    case 'kf_close_session':
    case 'kf_switch_session':
      return {
        ...common,
        event: name,
        account: text(f.KfAccount) || text(f.FromKfAccount),
        toAccount: text(f.ToKfAccount),
      };
    case 'qualification_verify_success':
    case 'naming_verify_success':
    case 'annual_renew':
    case 'verify_expired':
      return { ...common, event: name, expiredTime: count(f.ExpiredTime) };
    case 'qualification_verify_fail':
    case 'naming_verify_fail':
      return { ...common, event: name, failTime: count(f.FailTime), reason: text(f.FailReason) };
    default:
      return { ...common, event: 'unknown', name, fields: f };
  }
}

const jobId = (f: Fields): string => digits(f.MsgID) || digits(f.MsgId);

function choice(f: Fields): { templateId: string; status: string } {
  return { templateId: text(f.TemplateId), status: text(f.SubscribeStatusString) };
}
