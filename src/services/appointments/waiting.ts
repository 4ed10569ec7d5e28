import type { Person } from '../../people/identity/bindings';
import type { Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { daysOf } from './availability';
import { dayOf } from './days';
import { takeTurns } from './limits';

type Waiter = {
  accountId: number;
  openid: string;
  resourceId: number;
  day: string;
  person: Pick<Person, 'id' | 'phoneHash'>;
  at: Date;
};

/** in line for one person at a time */
const mostLines = 3;

/**
 * Puts a person in line for a place of a resource on a day. Asked again they keep the place they have.
 * @returns the place in line, from 1
 * @throws UserError 404, 409 while there are free places, or when in line often enough
 */
export async function waitFor(tx: Tx, waiter: Waiter): Promise<number> {
  const { accountId, openid, resourceId, day, person, at } = waiter;
  await takeTurns(tx, [person]);
  const [resource] = await tx.query<{ organisation_id: number }>(
    'SELECT organisation_id FROM appointment_resources WHERE id = $1 AND disabled_at IS NULL',
    [resourceId],
  );
  if (!resource) throw notFound('这位医生或窗口');
  const state = day < dayOf(at) ? undefined : (await daysOf(tx, [resourceId], 60, at)).find((one) => one.day === day);
  if (state?.state !== 'full')
    throw new UserError(409, 'not-full', state?.state === 'free' ? '还有号，可以直接预约' : '这一天不能候补');
  const lines = await tx.query<{ resource_id: number; day: string }>(
    `SELECT resource_id, day::text FROM appointment_waiting WHERE account_id = $1 AND openid = $2 AND person_id = $3
        AND status IN ('waiting','offered') AND day >= $4`,
    [accountId, openid, person.id, dayOf(at)],
  );
  const there = lines.some((one) => one.resource_id === resourceId && one.day === day);
  if (!there && lines.length >= mostLines) throw new UserError(409, 'too-many', `一个人最多同时候补 ${mostLines} 处`);
  await tx.query(
    `INSERT INTO appointment_waiting (resource_id, organisation_id, day, account_id, openid, person_id, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (resource_id, day, person_id) WHERE status IN ('waiting','offered') DO NOTHING`,
    [resourceId, resource.organisation_id, day, accountId, openid, person.id, at],
  );
  return placeInLine(tx, waiter);
}

async function placeInLine(tx: Tx, { resourceId, day, person }: Waiter): Promise<number> {
  const [row] = await tx.query<{ place: number }>(
    `SELECT count(*)::int AS place FROM appointment_waiting WHERE resource_id = $1 AND day = $2 AND status = 'waiting'
        AND id <= (SELECT id FROM appointment_waiting WHERE resource_id = $1 AND day = $2 AND person_id = $3
                      AND status IN ('waiting','offered'))`,
    [resourceId, day, person.id],
  );
  return row!.place;
}

/** Leaves the line. @throws UserError 404 */
export async function leaveLine(tx: Tx, own: { accountId: number; openid: string; id: string }): Promise<void> {
  const left = await tx.query(
    `UPDATE appointment_waiting SET status = 'gone' WHERE id = $1 AND account_id = $2 AND openid = $3 AND status = 'waiting'
     RETURNING id`,
    [own.id, own.accountId, own.openid],
  );
  if (left.length === 0) throw notFound('这个候补');
}
