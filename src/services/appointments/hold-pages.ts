import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { personBoundTo } from '../../people/identity/bindings';
import { UserError } from '../../platform/errors';
import { joinLine, leaveRush, type Place, placeOf } from './admission';
import { alternativesTo } from './alternatives';
import { Crowded, slotPlace, type Wanted } from './booking';
import { holdInstead } from './change';
import { mustAgree } from './health-consent';
import { holdTogether } from './hold-together';
import { lately } from './lately';
import { ownAppointment } from './own';
import { id, key, show, shown } from './own-pages';
import { checkSource, isCrowded } from './rush';
import type { Appointment } from './tables';

const queued = z.object({
  queue: id.describe('排队的编号'),
  state: z.enum(['waiting', 'served', 'over', 'refused', 'left']).describe('排队中、已办理、约满、不能办理、不排了'),
  position: z.number().nullable().describe('排第几'),
  seconds: z.number().nullable().describe('预计还要几秒，还估不出来时为空'),
  askAgainSeconds: z.number().describe('几秒之后再来看'),
  message: z.string(),
  alternatives: z
    .array(z.object({ resourceId: z.number(), title: z.string(), day: z.string(), free: z.number() }))
    .describe('约满时还有号的'),
});
const either = z.union([shown, queued]);
type Either = z.input<typeof either>;

/** A place to keep while reading the rules; where many ask at once, a place in line first. */
export const holdPages = [
  route({
    method: 'post',
    path: '/appointments/hold',
    summary: '预约：占住一个时段，几分钟内确认有效；约的人多时先排队，返回 queue。同一个 key 只占一次',
    role: 'citizen',
    body: z.object({ slotId: id, personId: id, key }),
    output: either,
    status: 201,
    handler: async ({ caller, address, body: { slotId, personId, key: sent } }, deps) => {
      await checkSource({ openid: caller.openid, address }, deps);
      const at = deps.clock.now();
      const slot = await lately(`slot ${slotId}`, deps, () => slotPlace(slotId, deps.db));
      await mustAgree(caller, slot.resourceId, deps);
      const stand = () => standInLine({ ...caller, ...slot, slotId, personId, key: sent, via: 'page', at }, deps);
      if (isCrowded(slot.resourceId, deps)) return stand();
      try {
        const person = await personBoundTo(deps.db, caller, personId, deps.encryption);
        return show(await holdFor({ ...caller, person, slotId, key: sent, at }, deps), deps);
      } catch (error) {
        if (error instanceof Crowded) return stand();
        throw error;
      }
    },
  }),
  route({
    method: 'get',
    path: '/appointments/queue/:id',
    summary: '预约：排到第几位；轮到了就是占住的号',
    role: 'citizen',
    params: z.object({ id }),
    output: either,
    handler: async ({ caller, params }, deps) => answer(await placeOf(caller, params.id, deps), caller, deps),
  }),
  route({
    method: 'delete',
    path: '/appointments/queue/:id',
    summary: '预约：不排了',
    role: 'citizen',
    params: z.object({ id }),
    output: either,
    handler: async ({ caller, params }, deps) => {
      await leaveRush(deps.db, caller, deps.clock.now(), params.id);
      return answer(await placeOf(caller, params.id, deps), caller, deps);
    },
  }),
];

async function holdFor(wanted: Wanted, deps: ServiceDeps): Promise<Appointment> {
  try {
    return await holdTogether(wanted, deps);
  } catch (error) {
    const instead =
      error instanceof UserError && error.code === 'one-a-day'
        ? await deps.db.transaction((tx) => holdInstead(tx, wanted, deps))
        : undefined;
    if (!instead) throw error;
    return instead;
  }
}

async function standInLine(ask: Parameters<typeof joinLine>[0], deps: ServiceDeps): Promise<Either> {
  return answer(await joinLine(ask, deps), ask, deps);
}

async function answer(place: Place, caller: Citizen, deps: ServiceDeps): Promise<Either> {
  const made = place.appointment_id && (await ownAppointment(deps.db, caller, place.appointment_id));
  if (made) return show(made, deps);
  const sought = { resourceId: place.resource_id, day: place.day, at: deps.clock.now() };
  const others = place.status === 'over' ? await instead(sought, deps) : [];
  return {
    queue: place.id,
    state: place.status,
    position: place.position,
    seconds: place.seconds,
    // Who stands far behind need not look so often.
    askAgainSeconds: Math.min(10, 1 + Math.floor((place.position ?? 0) / 100)),
    message: wordsOf(place, others.length),
    alternatives: others.map(({ resource_id, title, subtitle, day, free }) => ({
      resourceId: resource_id,
      title: `${title} ${subtitle}`.trim(),
      day,
      free,
    })),
  };
}

const instead = (sought: Parameters<typeof alternativesTo>[1], deps: ServiceDeps) =>
  lately(`instead of ${sought.resourceId} ${sought.day}`, deps, () => alternativesTo(deps.db, sought));

function wordsOf({ status, position, seconds, said }: Place, others: number): string {
  switch (status) {
    case 'waiting':
      return `约的人多，正在排队：您排第 ${position} 位，${seconds === null ? '预计时间正在估算' : `预计约 ${inWords(seconds)}`}。请不要关闭页面`;
    case 'over':
      return `这一天已经约满。${others > 0 ? '可以换一位、换一天，' : ''}也可以候补，有人退号时按先后通知`;
    case 'left':
      return '已经不排了';
    default:
      return said ?? '没有约上，请再试一次';
  }
}

const inWords = (seconds: number) => (seconds > 90 ? `${Math.ceil(seconds / 60)} 分钟` : `${seconds} 秒`);
