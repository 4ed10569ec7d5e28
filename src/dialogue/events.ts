import { noteAccountEvent } from '../people/account-notices';
import type { House } from './answer';
import type { Answered, Chat } from './chat';
import { ownKeys } from './menu';
import type { Inbound } from './message';
import { say, seconds, silent, stay, withNote } from './outcomes';
import { askOnEvent, type Cause } from './privacy/requests';
import { sceneText } from './scenes';
import type { Offer, Opening, ServiceContext } from './service';

/** Something the citizen did, or WeChat did for them. What needs no answer is stored and acknowledged. */
export function answerEvent(
  house: House,
  inbound: Inbound,
  chat: Chat | null,
  ctx: ServiceContext,
): Answered | Promise<Answered> {
  if (inbound.type !== 'event') return silent(chat, 'ignored');
  const { delivery } = ctx.deps;
  switch (inbound.event) {
    case 'subscribe':
      return welcome(house, inbound.scene, ctx);
    case 'scan':
      return scan(house, inbound.scene, chat, ctx);
    case 'click':
      return tap(house, inbound.key, {}, chat, ctx);
    case 'scancode_waitmsg':
      return tap(house, inbound.key, { scanned: inbound.scanResult }, chat, ctx);
    case 'unsubscribe':
      return leaving(null, inbound.openid, 'unsubscribe', ctx);
    case 'user_authorization_revoke':
      return leaving(chat, inbound.openid, 'revoke', ctx);
    case 'user_authorization_cancellation':
      return leaving(null, inbound.openid, 'cancellation', ctx);
    case 'templatesendjobfinish':
      return {
        write: async (tx) => {
          await delivery.confirmTemplate(tx, {
            accountId: ctx.account.id,
            openid: inbound.openid,
            msgId: inbound.msgId,
            status: inbound.status,
          });
          return silent(chat, 'delivery');
        },
      };
    case 'subscribe_msg_sent_event':
      return {
        write: async (tx) => {
          for (const result of inbound.results)
            await delivery.confirmSubscribe(tx, { accountId: ctx.account.id, openid: inbound.openid, ...result });
          return silent(chat, 'delivery');
        },
      };
    case 'qualification_verify_success':
    case 'qualification_verify_fail':
    case 'naming_verify_success':
    case 'naming_verify_fail':
    case 'annual_renew':
    case 'verify_expired':
      return {
        write: async (tx) => {
          await noteAccountEvent(tx, ctx.account.id, inbound, ctx.at);
          return silent(chat, 'account-notice');
        },
      };
    default:
      return silent(chat, `event:${inbound.event}`);
  }
}

/** What WeChat gave us of them has to go: recorded here, done by a job. */
const leaving = (
  chat: Chat | null,
  openid: string,
  cause: Exclude<Cause, 'citizen'>,
  ctx: ServiceContext,
): Answered => ({
  write: async (tx) => {
    await askOnEvent(tx, { accountId: ctx.account.id, openid }, cause, ctx.deps);
    return silent(chat, cause);
  },
});

/** Greets a new follower; a QR code's scene that a service opens is opened below the greeting. */
async function welcome(house: House, scene: string, ctx: ServiceContext): Promise<Answered> {
  const own = sceneText(scene);
  const greeting = say(scene && ctx.deps.texts.has(own) ? own : 'subscribe.welcome', ctx);
  const opening = scene ? house.installed.byScene(scene) : undefined;
  if (!opening) return stay(null, greeting, 'subscribe');
  const opened = await house.open(scanned(opening, scene), null, ctx);
  return withNote(opened, greeting);
}

function scan(house: House, scene: string, chat: Chat | null, ctx: ServiceContext): Answered | Promise<Answered> {
  const opening = house.installed.byScene(scene);
  if (opening) return house.open(scanned(opening, scene), chat, ctx);
  const own = sceneText(scene);
  return stay(chat, say(ctx.deps.texts.has(own) ? own : 'dialogue.unknown-scene', ctx), 'scan');
}

/** An opener is told the scene; to a flow it would be an answer given, as if its questions had begun. */
const scanned = ({ key, start }: Opening, scene: string): Offer => ({
  key,
  label: scene,
  ...(typeof start === 'function' && { args: { scene } }),
});

/** A menu's button, by its key. One that nobody opens (phones keep an old menu for minutes) is answered as well. */
function tap(
  house: House,
  key: string,
  args: Record<string, string>,
  chat: Chat | null,
  ctx: ServiceContext,
): Answered | Promise<Answered> {
  if (house.installed.opening(key)) return house.open({ key, label: key, args }, chat, ctx);
  const own = ownKeys[key];
  if (own) return stay(touch(chat, ctx), say(own, ctx), own);
  return stay(chat, say('dialogue.unknown-menu-key', ctx), 'dialogue.unknown-menu-key');
}

const touch = (chat: Chat | null, ctx: ServiceContext) => chat && { ...chat, at: seconds(ctx.at) };
