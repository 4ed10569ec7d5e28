import type { CounterLoad } from '../../dialogue/contributions';
import type { ServiceDeps } from '../../dialogue/service';
import { calendarOf } from '../../platform/calendar-setting';

/** open: served now; later: from `from` on, today; over: it was served today; none: not today at all */
export type Served = { state: 'open' | 'later' | 'over' | 'none'; from: Date | null };
export type Counter = Omit<CounterLoad, 'organisation' | 'hours'> & Served;
export type Office = { id: number; title: string; waiting: number; counters: Counter[] } & Served;

/** Everything at or below an organisation where people line up, as all services know it. */
export async function officesOf(organisationId: number, deps: ServiceDeps): Promise<Office[]> {
  const now = deps.clock.now();
  const found = await Promise.all(deps.contributed.load.map((load) => load(organisationId, deps)));
  const offices = new Map<number, Office>();
  for (const { organisation, hours, ...rest } of found.flat()) {
    const { id, title } = organisation;
    const office = offices.get(id) ?? { id, title, waiting: 0, counters: [], state: 'none', from: null };
    office.counters.push({ ...rest, ...servedAt(hours, now) });
    office.waiting += rest.waiting;
    offices.set(id, office);
  }
  return [...offices.values()].map((office) => ({ ...office, ...soonest(office.counters) }));
}

/** When somebody is served next; null while somebody is. */
export function nextOpening(offices: Office[], { settings, clock }: ServiceDeps): Date | null {
  const all = soonest(offices);
  if (all.state === 'open' || offices.some(({ waiting }) => waiting > 0)) return null;
  const planned = offices.flatMap(({ counters }) => counters.flatMap(({ next }) => (next ? [Number(next)] : [])));
  if (planned.length > 0) return new Date(Math.min(...planned));
  return calendarOf(settings).addWorkingDays(clock.now(), 1, 'start');
}

function servedAt(hours: CounterLoad['hours'], now: Date): Served {
  if (hours.length === 0) return { state: 'none', from: null };
  if (hours.some(({ from, to }) => from <= now && now < to)) return { state: 'open', from: null };
  const next = hours.find(({ from }) => from > now);
  return next ? { state: 'later', from: next.from } : { state: 'over', from: null };
}

const order = ['open', 'later', 'over', 'none'] as const;
function soonest(all: Served[]): Served {
  const state = order.find((one) => all.some((served) => served.state === one)) ?? 'none';
  const froms = all.flatMap(({ from }) => (from ? [Number(from)] : []));
  return { state, from: state === 'later' ? new Date(Math.min(...froms)) : null };
}
