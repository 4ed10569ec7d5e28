import type { CaseUnderWay } from '../../dialogue/contributions';
import type { Offer, Opener, ServiceContext } from '../../dialogue/service';
import { maskName } from '../../people/identity/bindings';
import { shanghai } from '../../platform/clock';
import { what, where } from './notices';
import { comingOf, ownAppointment, stateNames } from './own';
import type { Appointment } from './tables';

/** What a citizen has coming. */
export const showMine: Opener = async (_args, ctx) => {
  const { deps, account, at } = ctx;
  const mine = await comingOf(deps.db, citizen(ctx), at);
  const reply = deps.texts.say('appointments.mine', { count: mine.length }, account.id);
  return mine.length === 0 ? { reply } : { reply, offers: mine.map(toOffer) };
};

/** One of them, with the way to cancel it. */
export const showOne: Opener = async ({ id = '' }, ctx) => {
  const { deps, account } = ctx;
  const one = /^\d{1,18}$/.test(id) ? await ownAppointment(deps.db, citizen(ctx), id) : undefined;
  if (!one) return showMine({}, ctx);
  const variables = {
    code: one.code,
    person: maskName(deps.encryption.open(one.name_sealed)),
    what: what(one),
    where: where(one),
    time: shanghai(one.starts_at),
    state: stateNames[one.status],
    link: `${deps.publicUrl}/h5/?account=${account.key}#/appointments/${one.id}`,
  };
  const reply = deps.texts.say('appointments.one', variables, account.id);
  if (one.status !== 'booked') return { reply };
  return { reply, offers: [{ label: '取消这个预约', key: 'appointments.cancel', args: { appointment: one.id } }] };
};

/** What a person has under way here. */
export async function cases(ctx: ServiceContext): Promise<CaseUnderWay[]> {
  const mine = await comingOf(ctx.deps.db, citizen(ctx), ctx.at);
  return mine.map((one) => ({
    service: 'appointments',
    number: one.code,
    title: what(one),
    state: stateNames[one.status],
    at: one.starts_at,
    open: toOffer(one),
  }));
}

const citizen = ({ account, openid }: ServiceContext) => ({ accountId: account.id, openid });

const toOffer = (one: Appointment): Offer => ({
  label: `${shanghai(one.starts_at).slice(5)} ${what(one)}（${stateNames[one.status]}）`,
  key: 'appointments.one',
  args: { id: one.id },
});
