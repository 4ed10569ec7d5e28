import type { CaseUnderWay } from '../../dialogue/contributions';
import type { Offer, Opener, ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { maskName } from '../../people/identity/bindings';
import { shanghai } from '../../platform/clock';
import { type Mark, markOf, marksOf, standsAgainst } from './appeals';
import { canCancel } from './change';
import { dayOf } from './days';
import { what, where } from './notices';
import { comingOf, ownAppointment, stateNames } from './own';
import type { Appointment } from './tables';

/** What a citizen has coming, and what is held against them. */
export const showMine: Opener = async (_args, ctx) => {
  const { deps, account, at } = ctx;
  const mine = [...(await comingOf(deps.db, citizen(ctx), at)), ...(await marksOf(deps.db, citizen(ctx), at))];
  const reply = deps.texts.say('appointments.mine', { count: mine.length }, account.id);
  return mine.length === 0 ? { reply } : { reply, offers: mine.map(toOffer) };
};

/** One of them, with the way to cancel it, or to appeal. */
export const showOne: Opener = async ({ id = '' }, ctx) => {
  const { deps, account, at } = ctx;
  const one = /^\d{1,18}$/.test(id) ? await ownAppointment(deps.db, citizen(ctx), id) : undefined;
  if (!one) return showMine({}, ctx);
  const mark = await markOf(deps.db, { ...citizen(ctx), id });
  if (mark && !mark.forgiven_at) return { reply: missed(mark, ctx) };
  const variables = {
    code: one.code,
    person: maskName(deps.encryption.open(one.name_sealed)),
    what: what(one),
    where: where(one),
    time: shanghai(one.starts_at),
    state: stateNames[one.status],
    late: one.status === 'booked' && !canCancel(one, at, deps),
    link: linkTo(one, ctx),
  };
  const reply = deps.texts.say('appointments.one', variables, account.id);
  if (one.status !== 'booked' || variables.late) return { reply };
  return { reply, offers: [{ label: '取消这个预约', key: 'appointments.cancel', args: { appointment: one.id } }] };
};

const missed = (mark: Mark, ctx: ServiceContext): string => {
  const { deps, account, at } = ctx;
  const variables = {
    code: mark.code,
    what: what(mark),
    time: shanghai(mark.starts_at),
    until: dayOf(mark.ban_until),
    against: standsAgainst(mark, at) ?? '',
    link: linkTo(mark, ctx),
  };
  return deps.texts.say('appointments.missed', variables, account.id);
};

const linkTo = ({ id }: Appointment, { deps, account }: ServiceContext) =>
  citizenPage(deps, account.id, `/appointments/${id}`);

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
