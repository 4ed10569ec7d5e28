import { flow } from '../../dialogue/flow';
import { choice } from '../../dialogue/questions';
import { refusalWords } from '../../dialogue/refusal';
import type { ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { personsOf } from '../../people/identity/bindings';
import { shanghai } from '../../platform/clock';
import { freeOn } from './alternatives';
import { daysOf, officesBelow, resourcesOf, slotsOn } from './availability';
import { book, Crowded, NoPlace } from './booking';
import { lastMoment } from './change';
import { persons } from './chat-persons';
import { dayOf, dayTitle, timeOf } from './days';
import { asksHealth, healthQuestion, keepAgreed } from './health-consent';
import { insteadOfBooking, standBehind } from './line.flow';
import { what, where } from './notices';
import { overInChat } from './over';
import { policyOf } from './policy';
import { noteRoster } from './roster-news';

/** What a chat shows at a time; the page shows the rest, and is named then. */
const mostOffered = 16;

export const bookFlow = flow('appointments.book', '预约')
  // Without a name nobody can book: said at once, not after four questions. There is nothing to answer; it leads to the page.
  .askWhen(
    async (_a, ctx) => (await persons(undefined, ctx)).length === 0,
    'known',
    '预约须实名',
    choice(() => []),
  )
  .ask('office', '请选择科室或窗口：', choice(offices))
  .ask(
    'resource',
    '请选择医生或窗口：',
    choice((a, ctx) => resources(a.office, ctx)),
  )
  .ask(
    'day',
    '请选择日期：',
    choice((a, ctx) => days(a.resource, ctx)),
  )
  .ask(
    'slot',
    '请选择时段：',
    choice((a, ctx) => slots(a, ctx)),
  )
  .ask('person', '为谁预约？', choice(persons))
  .askWhen(
    (a, ctx) => asksHealth({ accountId: ctx.account.id, openid: ctx.openid }, Number(a.resource), ctx.deps),
    'health',
    '预约医院要您单独同意《医疗健康信息授权说明》，请先阅读：',
    healthQuestion,
  )
  .confirm(async (a, ctx) => {
    const { title, place, time, until, late } = await chosen(a, ctx);
    const person = (await persons(undefined, ctx)).find(({ value }) => value === a.person)?.label ?? '';
    const rule = late
      ? '这个时段已经不能在网上取消，约了不来会记爽约。'
      : `${until} 前可以取消，不来又不取消会记爽约。`;
    return `${person}\n${title}\n${time}\n${place}\n${rule}\n回复 1 确认预约，回复 0 取消。`;
  })
  .done(
    async (a, ctx) => {
      const { tx, deps, account, openid, at } = ctx;
      const citizen = { accountId: account.id, openid };
      const person = (await personsOf(tx, citizen, deps.encryption)).find(({ id }) => id === a.person);
      if (!person) return deps.texts.say('appointments.book.person.nothing', siteOf(ctx), account.id);
      try {
        const key = `chat:${a.slot}:${at.getTime()}`;
        const booked = await book(tx, { ...citizen, person, slotId: a.slot, key, at }, deps);
        noteRoster(tx, booked, deps);
        return deps.texts.say(
          'appointments.booked',
          {
            code: booked.code,
            what: what(booked),
            where: where(booked),
            time: shanghai(booked.starts_at),
            link: citizenPage(deps, account.id, `/appointments/${booked.id}`),
          },
          account.id,
        );
      } catch (error) {
        if (error instanceof Crowded) return standBehind(a, ctx);
        const sought = { resourceId: Number(a.resource), day: a.day, personId: a.person, at };
        if (error instanceof NoPlace && error.why === 'full' && (await freeOn(tx, sought)) === 0)
          return overInChat(sought, ctx);
        if (error instanceof NoPlace && error.why !== 'not-open') return { askAgain: 'slot', say: error.message };
        return refusalWords(error);
      }
    },
    async (a, ctx) => (await keepAgreed(a, ctx)) ?? insteadOfBooking(a, ctx),
  );

async function offices(_answers: unknown, ctx: ServiceContext) {
  const found = await officesBelow(ctx.deps.db, ctx.account.organisationId);
  const options = found.map(({ id, title, house }) => ({
    value: String(id),
    label: house ? `${house} ${title}` : title,
  }));
  return cut(options, '/appointments', ctx);
}

async function resources(office: string, ctx: ServiceContext) {
  const { deps, at } = ctx;
  const { offered, ...rest } = cut(await resourcesOf(deps.db, Number(office)), pageOf(office), ctx);
  const options = await Promise.all(
    offered.map(async ({ id, title, subtitle }) => {
      const free = (await daysOf(deps.db, [id], horizon, at)).find(({ state }) => state === 'free');
      const soonest = free ? `最早${dayTitle(free.day, dayOf(at))}` : '暂时没有号';
      return { value: String(id), label: `${[title, subtitle].filter(Boolean).join(' ')}（${soonest}）` };
    }),
  );
  return { ...rest, offered: options };
}
const horizon = 30;

async function days(resource: string, { deps, at }: ServiceContext) {
  const found = await daysOf(deps.db, [Number(resource)], horizon, at);
  // All of them: the page shows no more.
  return found
    .filter(({ state }) => state === 'free')
    .map(({ day, free }) => ({ value: day, label: `${dayTitle(day, dayOf(at))} 余 ${free}` }));
}

async function slots(
  { office, resource, day }: { office: string; resource: string; day: string },
  ctx: ServiceContext,
) {
  const { deps, at } = ctx;
  const found = await slotsOn(deps.db, [Number(resource)], day, at);
  const options = found
    .filter(({ status, free, opens_at }) => status === 'open' && free > 0 && opens_at <= at)
    .map(({ id, starts_at, ends_at, free }) => ({
      value: id,
      label: `${timeOf(starts_at)}-${timeOf(ends_at)} 余 ${free}`,
    }));
  return cut(options, pageOf(office), ctx);
}

const pageOf = (office: string) => `/appointments/offices/${office}`;

/** No more than a chat shows, and where the others are. */
function cut<T>(all: T[], path: string, { deps, account }: ServiceContext): { offered: T[]; rest: string } {
  const link = citizenPage(deps, account.id, path);
  const isLong = all.length > mostOffered;
  return {
    offered: all.slice(0, mostOffered),
    rest: isLong ? deps.texts.say('appointments.book.more', { shown: mostOffered, link }, account.id) : '',
  };
}

async function chosen(
  a: { office: string; resource: string; day: string; slot: string },
  { deps, at }: ServiceContext,
) {
  const resource = (await resourcesOf(deps.db, Number(a.office))).find(({ id }) => String(id) === a.resource);
  const slot = (await slotsOn(deps.db, [Number(a.resource)], a.day, at)).find(({ id }) => id === a.slot);
  const [own] = await deps.db.query<{ policy: object; house: string | null; title: string }>(
    `SELECT r.policy, o.title, h.title AS house FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
       LEFT JOIN organisations h ON h.id = o.parent_id AND o.kind = 'department' WHERE r.id = $1`,
    [Number(a.resource)],
  );
  const policy = policyOf(own?.policy ?? {}, deps);
  const startsAt = slot?.starts_at ?? at;
  const last = lastMoment({ day: a.day, starts_at: startsAt }, policy);
  return {
    title: [resource?.title, resource?.subtitle].filter(Boolean).join(' '),
    place: [own?.house, own?.title, resource?.place].filter(Boolean).join(' '),
    time: `${dayTitle(a.day, dayOf(at))} ${slot ? `${timeOf(slot.starts_at)}-${timeOf(slot.ends_at)}` : ''}`,
    until: shanghai(last),
    late: at > last,
  };
}

const siteOf = ({ deps, account }: ServiceContext) => ({ site: deps.publicUrl, account: account.key });
