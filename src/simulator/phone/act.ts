import { type PushTree, renderPush } from '../../wechat/push-xml';
import { type Contact, openWindow } from '../allowances';
import { expectCitizen, findCitizen, follow, meetCitizen, nextMsgId, unfollow } from '../citizens';
import { allowNotice, withdrawNotice } from '../consents';
import { buttonOfKey } from '../menus';
import { addMessage, markRead } from '../messages';
import { type PushOutcome, platformOpenid, push, pushTree } from '../push';
import { findTemplate } from '../templates';
import { nextTraceId } from '../traces';
import type { NewMessage } from '../types';
import type { Act } from './act-forms';
import type { Actor } from './actor';
import { PhoneError } from './phone-error';
import { receivePicture, receiveRecording } from './pictures';
import { pushAsItIs } from './raw-push';
import { type Scanned, sceneOf } from './scan';

/** Acts as a citizen: pushes what WeChat would push, and answers when the callback has. */
export async function act(actor: Actor, order: Act): Promise<PushOutcome> {
  switch (order.act) {
    case 'text':
      return message(actor, { type: 'text', body: { content: order.text } }, { MsgType: 'text', Content: order.text });
    case 'msgmenu': {
      const { id, text } = order.msgmenu;
      // A tap on a menu message arrives as a text, but opens the window of a menu click.
      return message(
        actor,
        { type: 'text', body: { content: text } },
        { MsgType: 'text', Content: text, bizmsgmenuid: id },
        'click',
      );
    }
    case 'image': {
      const { url, mediaId } = await receivePicture(actor, order.image);
      return message(actor, { type: 'image', body: { url } }, { MsgType: 'image', PicUrl: url, MediaId: mediaId });
    }
    case 'voice': {
      const MediaId = await receiveRecording(actor, 'voice');
      const bubble = { type: 'voice', body: { recognition: order.voice } };
      return message(actor, bubble, { MsgType: 'voice', MediaId, Format: 'amr', Recognition: order.voice });
    }
    case 'video': {
      const [MediaId, ThumbMediaId] = [await receiveRecording(actor, 'video'), await receiveRecording(actor, 'thumb')];
      const MsgType = order.short ? 'shortvideo' : 'video';
      return message(actor, { type: 'video', body: {} }, { MsgType, MediaId, ThumbMediaId });
    }
    case 'location': {
      const { latitude, longitude, label, scale } = order.location;
      const where = { Location_X: latitude, Location_Y: longitude, Scale: scale, Label: label };
      return message(
        actor,
        { type: 'location', body: { latitude, longitude, label } },
        { MsgType: 'location', ...where },
      );
    }
    case 'link': {
      const { title, description, url } = order.link;
      const parts = { Title: title, Description: description, Url: url };
      return message(actor, { type: 'link', body: { title, description, url } }, { MsgType: 'link', ...parts });
    }
    case 'click':
      return event(actor, { Event: 'CLICK', EventKey: order.click }, { contact: 'click', key: order.click });
    case 'view':
      return event(
        actor,
        { Event: 'VIEW', EventKey: order.view, MenuId: order.menuId ?? '' },
        { silent: true, key: order.view },
      );
    case 'position': {
      const { latitude, longitude, precision } = order.position;
      const where = { Latitude: latitude, Longitude: longitude, Precision: precision };
      return event(actor, { Event: 'LOCATION', ...where }, { silent: true, hidden: true });
    }
    case 'locationSelect': {
      const { key, latitude, longitude, label, poiName, scale } = order.locationSelect;
      const where = { Location_X: latitude, Location_Y: longitude, Scale: scale, Label: label, Poiname: poiName };
      return event(actor, { Event: 'location_select', EventKey: key, SendLocationInfo: where }, { key });
    }
    case 'pics':
      return pics(actor, order.pics, order.key);
    case 'scan':
      return scan(actor, order.scan);
    case 'subscribe':
      return answerConsent(actor, order.subscribe);
    case 'event':
      return namedEvent(actor, order);
    case 'xml':
      return pushAsItIs(actor, order.xml);
  }
}

async function message(
  actor: Actor,
  bubble: { type: string; body: object },
  parts: PushTree,
  contact: Contact = 'message',
) {
  const { sim, account, openid } = actor;
  await mustFollow(actor);
  const MsgId = await nextMsgId(sim, account.key, openid);
  const { bizmsgmenuid, ...rest } = parts;
  const xml = renderPush(pushTree(sim, account, openid, { ...rest, MsgId, bizmsgmenuid }));
  const shown: NewMessage = { from: 'citizen', via: 'citizen', type: bubble.type, body: { ...bubble.body } };
  return sendAndShow(actor, xml, { name: String(parts.MsgType), contact, message: true, shown });
}

type EventManner = {
  contact?: Contact;
  /** the platform takes no reply to it */
  silent?: boolean;
  /** not even seen in the chat */
  hidden?: boolean;
  key?: string;
};

async function event(
  actor: Actor,
  parts: PushTree & { Event: string },
  manner: EventManner,
  follower = true,
): Promise<PushOutcome> {
  const { sim, account, openid } = actor;
  if (follower) await mustFollow(actor);
  const xml = renderPush(pushTree(sim, account, openid, { MsgType: 'event', ...parts }));
  const label = manner.key ? (await buttonOfKey(sim, account.key, manner.key))?.name : undefined;
  const body = { event: parts.Event, key: manner.key ?? '', ...(label ? { label } : {}) };
  const shown: NewMessage = { from: 'citizen', via: 'menu', type: 'event', body };
  return sendAndShow(actor, xml, {
    name: parts.Event,
    contact: manner.contact,
    silent: manner.silent,
    shown: manner.hidden ? undefined : shown,
  });
}

type Manner = { name: string; contact?: Contact; message?: boolean; silent?: boolean; shown?: NewMessage };

async function sendAndShow({ sim, account, openid }: Actor, xml: string, manner: Manner): Promise<PushOutcome> {
  const traceId = await nextTraceId(sim);
  if (manner.contact) await openWindow(sim, account.key, openid, manner.contact);
  if (manner.shown)
    await addMessage(sim, account.key, openid, { ...manner.shown, body: { ...manner.shown.body, traceId } });
  await markRead(sim, account.key, openid);
  return push(sim, account, {
    openid,
    xml,
    name: manner.name,
    answered: !manner.silent,
    message: manner.message ?? false,
    traceId,
  });
}

/** Someone never seen is an old follower; someone who left, or was made and has not followed yet, cannot write. */
async function mustFollow({ sim, account, openid }: Actor) {
  const citizen = await meetCitizen(sim, account.key, openid);
  if (!citizen.following) throw new PhoneError(409, '该市民没有关注公众号，只能先关注（{"event":"subscribe"}）或扫码');
}

async function startFollowing(actor: Actor, scene: string, ticket?: string): Promise<PushOutcome> {
  const { sim, account, openid } = actor;
  await expectCitizen(sim, account.key, openid);
  await follow(sim, account.key, openid, scene);
  const EventKey = scene ? `qrscene_${scene}` : '';
  return event(actor, { Event: 'subscribe', EventKey, Ticket: ticket }, { contact: 'subscribe', key: EventKey }, false);
}

async function stopFollowing(actor: Actor): Promise<PushOutcome> {
  const { sim, account, openid } = actor;
  await mustFollow(actor);
  await unfollow(sim, account.key, openid);
  return event(actor, { Event: 'unsubscribe', EventKey: '' }, { silent: true }, false);
}

/** A scanned code of ours is SCAN for a follower and a subscription with its scene for anyone else; any other code belongs to a menu. */
async function scan(actor: Actor, scanned: Scanned): Promise<PushOutcome> {
  const { sim, account, openid } = actor;
  if ('result' in scanned) return scanFromMenu(actor, scanned.result, scanned.key);
  const { scene, ticket } = await sceneOf(actor, scanned);
  const citizen = await findCitizen(sim, account.key, openid);
  if (!citizen?.following) return startFollowing(actor, scene, ticket);
  return event(actor, { Event: 'SCAN', EventKey: scene, Ticket: ticket }, { contact: 'scan', key: scene });
}

async function scanFromMenu(actor: Actor, result: string, key = 'scan'): Promise<PushOutcome> {
  const button = await buttonOfKey(actor.sim, actor.account.key, key);
  const Event = button?.type === 'scancode_push' ? 'scancode_push' : 'scancode_waitmsg';
  const ScanCodeInfo = { ScanType: 'qrcode', ScanResult: result };
  return event(actor, { Event, EventKey: key, ScanCodeInfo }, { contact: 'click', key });
}

async function pics(actor: Actor, count: number, key: string): Promise<PushOutcome> {
  const button = await buttonOfKey(actor.sim, actor.account.key, key);
  const item = Array.from({ length: count }, (_none, i) => ({
    PicMd5Sum: (i + 1).toString(16).padStart(32, '5a75aaca956d97be'),
  }));
  const Event = button?.type?.startsWith('pic_') ? button.type : 'pic_photo_or_album';
  return event(actor, { Event, EventKey: key, SendPicsInfo: { Count: count, PicList: { item } } }, { key });
}

/** Yes or no to notices in the pop-up of a page; a long-term yes holds until it is taken back. */
async function answerConsent(actor: Actor, choices: { templateId: string; accept: boolean }[]): Promise<PushOutcome> {
  const { sim, account, openid } = actor;
  await mustFollow(actor);
  const List = [];
  for (const { templateId, accept } of choices) {
    const template = await findTemplate(sim, account.key, templateId);
    if (!template || template.kind === 'template') throw new PhoneError(400, `没有这个订阅通知模板：${templateId}`);
    if (accept) await allowNotice(sim, account.key, openid, template);
    else await withdrawNotice(sim, account.key, openid, templateId);
    List.push({ TemplateId: templateId, SubscribeStatusString: accept ? 'accept' : 'reject', PopupScene: 2 });
  }
  return event(actor, { Event: 'subscribe_msg_popup_event', SubscribeMsgPopupEvent: { List } }, { silent: true });
}

async function namedEvent(
  actor: Actor,
  { event: name, key = '', fields = {} }: Extract<Act, { act: 'event' }>,
): Promise<PushOutcome> {
  const { sim, account, openid } = actor;
  switch (name.toLowerCase()) {
    case 'subscribe':
      return startFollowing(actor, key.replace(/^qrscene_/, ''));
    case 'unsubscribe':
      return stopFollowing(actor);
    case 'scan':
      return scan(actor, { scene: key });
    case 'click':
      return event(actor, { Event: 'CLICK', EventKey: key, ...fields }, { contact: 'click', key });
    case 'view':
      return event(actor, { Event: 'VIEW', EventKey: key, ...fields }, { silent: true, key });
    case 'user_info_modified':
    case 'user_authorization_revoke':
    case 'user_authorization_cancellation': {
      // Here the citizen stands in OpenID, and FromUserName is the platform.
      const tree = {
        MsgType: 'event',
        Event: name,
        OpenID: openid,
        AppID: account.appid,
        RevokeInfo: key || '1',
        ...fields,
      };
      const xml = renderPush(pushTree(sim, account, platformOpenid, tree));
      return sendAndShow(actor, xml, { name, silent: true });
    }
    default:
      return event(actor, { Event: name, EventKey: key, ...fields }, { silent: true, key });
  }
}
