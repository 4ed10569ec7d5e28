import { toDataURL } from 'qrcode';
import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { maskName, personBoundTo } from '../../people/identity/bindings';
import { notFound } from '../../platform/errors';
import { fileOutput } from '../../platform/http/file-answer';
import { slotPlace } from './booking';
import { cancel, confirm, lastMoment, reschedule } from './change';
import { mustAgree } from './health-consent';
import { calendarEntry } from './ics';
import { what, where } from './notices';
import { allOf, ownAppointment, stateNames } from './own';
import { policyOf } from './policy';
import type { Appointment } from './tables';
import { leaveLine, waitFor } from './waiting';

export const id = z.string().regex(/^\d{1,18}$/, '编号有误');
const one = z.object({ id });
export const key = z.string().min(8).max(100);
const time = z.iso.datetime();
const day = z.iso.date('应为日期，如 2026-03-01');
const done = z.object({ done: z.literal(true) });
export const shown = z.object({
  id,
  code: z.string(),
  status: z.enum(Object.keys(stateNames) as [keyof typeof stateNames]),
  state: z.string(),
  what: z.string(),
  where: z.string(),
  person: z.string().describe('已打码'),
  officeId: z.number(),
  startsAt: time,
  endsAt: time,
  until: time.nullable().describe('保留或候补的号要在此之前确认'),
  cancelUntil: time,
  canChange: z.boolean(),
  queueNumber: z.number().nullable(),
});
const ticket = shown.extend({ qr: z.string().describe('二维码图片，内容是编号') });
const pageSize = 20;

/** What a signed-in citizen does with bookings of their own; what is not theirs is not there. */
export const ownPages = [
  route({
    method: 'post',
    path: '/appointments/:id/confirm',
    summary: '预约：确认占住的或候补到的号',
    role: 'citizen',
    params: one,
    output: ticket,
    handler: ({ caller, params }, deps) =>
      act(deps, (tx) => confirm(tx, { ...caller, ...params }, deps.clock.now(), deps)),
  }),
  route({
    method: 'post',
    path: '/appointments/:id/cancel',
    summary: '预约：取消',
    role: 'citizen',
    params: one,
    output: ticket,
    handler: ({ caller, params }, deps) =>
      act(deps, (tx) => cancel(tx, { ...caller, ...params }, deps.clock.now(), deps)),
  }),
  route({
    method: 'post',
    path: '/appointments/:id/reschedule',
    summary: '预约：改到同一部门的另一个时段；没有约上新的，原来的不变',
    role: 'citizen',
    params: one,
    body: z.object({ slotId: id, key }),
    output: ticket,
    handler: async ({ caller, params, body }, deps) => {
      await mustAgree(caller, (await slotPlace(body.slotId, deps.db)).resourceId, deps);
      return act(deps, (tx) => reschedule(tx, { ...caller, ...params }, { ...body, at: deps.clock.now() }, deps));
    },
  }),
  route({
    method: 'get',
    path: '/appointments/mine',
    summary: '预约：我的预约，新的在前',
    role: 'citizen',
    query: z.object({ before: id.optional() }),
    output: z.object({ items: z.array(shown), next: id.nullable() }),
    handler: async ({ caller, query: { before } }, deps) => {
      const rows = await allOf(deps.db, caller, { before, limit: pageSize + 1 });
      const page = rows.slice(0, pageSize);
      return {
        items: page.map((row) => show(row, deps)),
        next: rows.length > pageSize ? page.at(-1)!.id : null,
      };
    },
  }),
  route({
    method: 'post',
    path: '/appointments/waiting',
    summary: '预约：候补一天的号，有人退号时按先后通知',
    role: 'citizen',
    body: z.object({ resourceId: z.number().int().positive().max(2_147_483_647), day, personId: id }),
    output: z.object({ place: z.number().describe('排第几') }),
    status: 201,
    handler: async ({ caller, body }, deps) => {
      await mustAgree(caller, body.resourceId, deps);
      return deps.db.transaction(async (tx) => {
        const person = await personBoundTo(tx, caller, body.personId, deps.encryption);
        return { place: await waitFor(tx, { ...caller, ...body, person, at: deps.clock.now() }) };
      });
    },
  }),
  route({
    method: 'delete',
    path: '/appointments/waiting/:id',
    summary: '预约：不再候补',
    role: 'citizen',
    params: one,
    output: done,
    handler: async ({ caller, params }, deps) => {
      await deps.db.transaction((tx) => leaveLine(tx, { ...caller, ...params }));
      return { done: true as const };
    },
  }),
  route({
    method: 'get',
    path: '/appointments/:id',
    summary: '预约：一张预约凭证',
    role: 'citizen',
    params: one,
    output: ticket,
    handler: async ({ caller, params }, deps) => withQr(show(await required(params.id, caller, deps), deps)),
  }),
  route({
    method: 'get',
    path: '/appointments/:id/calendar',
    summary: '预约：加到手机日历（.ics）',
    role: 'citizen',
    params: one,
    output: fileOutput('text/calendar'),
    handler: async ({ caller, params }, deps) => calendarEntry(await required(params.id, caller, deps), deps),
  }),
];

async function act(deps: ServiceDeps, work: (tx: Parameters<typeof confirm>[0]) => Promise<Appointment>) {
  return withQr(show(await deps.db.transaction(work), deps));
}

async function required(appointmentId: string, caller: Citizen, { db }: ServiceDeps): Promise<Appointment> {
  const found = await ownAppointment(db, caller, appointmentId);
  if (!found) throw notFound('这个预约');
  return found;
}

export function show(
  row: Appointment,
  deps: Pick<ServiceDeps, 'settings' | 'encryption' | 'clock'>,
): z.input<typeof shown> {
  const last = lastMoment(row, policyOf(row.policy, deps));
  const now = deps.clock.now();
  const over = row.until !== null && row.until <= now;
  return {
    id: row.id,
    code: row.code,
    status: over ? 'expired' : row.status,
    state: row.end_reason === 'moved' ? '已改期' : stateNames[over ? 'expired' : row.status],
    what: what(row),
    where: where(row),
    person: maskName(deps.encryption.open(row.name_sealed)),
    officeId: row.organisation_id,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    until: row.until?.toISOString() ?? null,
    cancelUntil: last.toISOString(),
    canChange: row.status === 'booked' && now <= last,
    queueNumber: row.queue_number,
  };
}

const withQr = async (one: z.input<typeof shown>) => ({
  ...one,
  qr: await toDataURL(one.code, { margin: 1, width: 360, errorCorrectionLevel: 'M' }),
});
