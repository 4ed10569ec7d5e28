import { flow } from '../../dialogue/flow';
import { choice } from '../../dialogue/questions';
import { refusalWords } from '../../dialogue/refusal';
import type { Opener, ServiceContext } from '../../dialogue/service';
import { personBoundTo } from '../../people/identity/bindings';
import { joinLine, joinLineIn, leaveRush, linesOf, type Place } from './admission';
import { freeOn } from './alternatives';
import { persons } from './chat-persons';
import { asksHealth, healthQuestion, keepAgreed } from './health-consent';
import { lately } from './lately';
import { overInChat } from './over';
import { checkSource, isCrowded } from './rush';
import { waitFor } from './waiting';

export type Chosen = { resource: string; day: string; slot: string; person: string };

/** In a rush: a place in line instead of a booking at once, or that there is nothing left. Undefined where there is no rush. */
export async function insteadOfBooking(chosen: Chosen, ctx: ServiceContext) {
  const { deps, at } = ctx;
  const sought = { resourceId: Number(chosen.resource), day: chosen.day, at };
  if (!isCrowded(sought.resourceId, deps)) return undefined;
  try {
    await checkSource({ openid: ctx.openid }, deps);
    const free = await lately(`free ${chosen.resource} ${chosen.day}`, deps, () => freeOn(deps.db, sought));
    if (free === 0) return await overInChat({ ...sought, personId: chosen.person }, ctx);
    return inLine(await joinLine(askOf(chosen, ctx), deps), ctx);
  } catch (error) {
    return refusalWords(error);
  }
}

/** Somebody was in line before this booking was tried. */
export const standBehind = async (chosen: Chosen, ctx: ServiceContext & { tx: Parameters<typeof joinLineIn>[0] }) =>
  inLine(await joinLineIn(ctx.tx, askOf(chosen, ctx), ctx.deps), ctx);

const askOf = ({ resource, slot, day, person }: Chosen, { account, openid, at }: ServiceContext) => ({
  accountId: account.id,
  openid,
  resourceId: Number(resource),
  slotId: slot,
  day,
  personId: person,
  key: `chat:${slot}:${person}:${Math.floor(at.getTime() / 60_000)}`,
  via: 'chat' as const,
  at,
});

const inLine = (place: Place, { deps, account }: ServiceContext): string =>
  deps.texts.say('appointments.queued', { position: place.position ?? 0, seconds: place.seconds ?? 0 }, account.id);

/** 排队: where somebody stands. */
export const showLine: Opener = async (_args, ctx) => {
  const { deps, account, openid, at } = ctx;
  const places = await linesOf(deps.db, { accountId: account.id, openid }, at);
  if (places.length === 0) return { reply: deps.texts.say('appointments.queue.nothing', {}, account.id) };
  const reply = places.map((place) => inLine(place, ctx)).join('\n');
  return { reply, offers: [{ label: '不排了', key: 'appointments.leave' }] };
};

export const leaveFlow = flow('appointments.leave', '不排了').done(
  async (_answers, { tx, deps, account, openid, at }) => {
    await leaveRush(tx, { accountId: account.id, openid }, at);
    return deps.texts.say('appointments.queue.left', {}, account.id);
  },
);

/** 候补 from the chat; which doctor and day comes with what was chosen before. */
export const waitFlow = flow('appointments.wait', '候补')
  .ask(
    'resource',
    '候补哪位医生或窗口？',
    choice(() => []),
  )
  .ask(
    'day',
    '候补哪一天？',
    choice(() => []),
  )
  .ask('person', '为谁候补？', choice(persons))
  .askWhen(
    (a, ctx) => asksHealth({ accountId: ctx.account.id, openid: ctx.openid }, Number(a.resource), ctx.deps),
    'health',
    '候补医院的号要您单独同意《医疗健康信息授权说明》，请先阅读：',
    healthQuestion,
  )
  .done(async ({ resource, day, person }, { tx, deps, account, openid, at }) => {
    const citizen = { accountId: account.id, openid };
    try {
      const who = await personBoundTo(tx, citizen, person, deps.encryption);
      const place = await waitFor(tx, { ...citizen, resourceId: Number(resource), day, person: who, at });
      return deps.texts.say('appointments.waiting', { place }, account.id);
    } catch (error) {
      return refusalWords(error);
    }
  }, keepAgreed);
