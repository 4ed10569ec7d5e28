import type { Department } from '../../../dialogue/figures/departments';
import { checkPeriod, type Period } from '../../../dialogue/figures/period';
import type { ServiceDeps } from '../../../dialogue/service';
import { calledTitle } from '../../../people/organisations';
import type { Queryable } from '../../../platform/database';
import { notFound } from '../../../platform/errors';
import { weekOf } from '../days';
import { type Figures, type Report, toFigures } from './contract';
import { type Counted, type Counts, count, sum } from './count';

export type Dated = Figures & { day: string };
export type OfDepartment = Figures & { id: number; title: string };
export type OfResource = Figures & { id: number; title: string; department: string };
export type Whole = {
  total: Figures;
  days: Dated[];
  weeks: Dated[];
  departments: OfDepartment[];
  resources: OfResource[];
};

/** As many as a page can show; a file has all. */
const mostListed = 200;

/** @throws UserError 404 for a resource that is not below the department, 422 */
export async function reportOf(
  department: Department,
  period: Period,
  resourceId: number | null,
  deps: Pick<ServiceDeps, 'db' | 'clock'>,
): Promise<Report> {
  const { resources, ...rest } = await figuresOf(department, period, resourceId, deps);
  return {
    organisation: { id: department.id, title: department.title },
    ...rest,
    resources: resources.slice(0, mostListed),
    moreResources: Math.max(0, resources.length - mostListed),
  };
}

/** @throws UserError 404, 422 */
export async function figuresOf(
  department: Department,
  period: Period,
  resourceId: number | null,
  deps: Pick<ServiceDeps, 'db' | 'clock'>,
): Promise<Whole> {
  checkPeriod(period);
  const named = await resourcesBelow(deps.db, department);
  if (resourceId !== null && !named.some(({ id }) => id === resourceId)) throw notFound('这位医生或窗口');
  const counted = await count(department, period, resourceId, deps);
  const there = named.filter(({ id }) => counted.resources.has(id));
  const days = [...counted.days].sort(([one], [other]) => one.localeCompare(other));
  return {
    total: toFigures(sum(counted.days.values())),
    days: days.map(([day, counts]) => ({ day, ...toFigures(counts) })),
    weeks: grouped(
      days,
      ([day]) => weekOf(day)[0],
      ([, counts]) => counts,
    ).map(([day, figures]) => ({ day, ...figures })),
    departments: grouped(there, ({ organisation_id }) => organisation_id, countsIn(counted)).map(([id, figures]) => ({
      id,
      title: there.find((one) => one.organisation_id === id)!.department,
      ...figures,
    })),
    resources: there.map((one) => ({
      id: one.id,
      title: one.title,
      department: one.department,
      ...toFigures(countsIn(counted)(one)),
    })),
  };
}

export type Named = { id: number; organisation_id: number; title: string; department: string };

/** In the order of the tree; also those out of use, since they were not always. */
export const resourcesBelow = (on: Queryable, { path }: Department): Promise<Named[]> =>
  on.query<Named>(
    `SELECT r.id, r.organisation_id, trim(r.title || ' ' || r.subtitle) AS title, ${calledTitle('o')} AS department
       FROM organisations o JOIN appointment_resources r ON r.organisation_id = o.id
      WHERE o.path LIKE $1 ORDER BY o.path, r.position, r.id`,
    [`${path}%`],
  );

const countsIn =
  ({ resources }: Counted) =>
  ({ id }: Named): Counts =>
    resources.get(id)!;

/** In the order in which they first come. */
function grouped<One, Key>(all: One[], keyOf: (one: One) => Key, countsOf: (one: One) => Counts): [Key, Figures][] {
  const groups = new Map<Key, Counts[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(countsOf(one));
    else groups.set(keyOf(one), [countsOf(one)]);
  }
  return [...groups].map(([key, counts]) => [key, toFigures(sum(counts))]);
}
