import { createHash, randomBytes } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import { maskName } from '../../people/identity/bindings';
import type { Staff } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { dayOf } from './days';
import { scopes, seen, type Who } from './desk';

/** A screen in the hall that shows who is called. Whoever has its link sees it without signing in, until it is taken back. */
export type Screen = { id: number; title: string; resources: string[]; openedAt: Date; by: string };

/** @returns the token, which is shown this once and stored as its hash @throws UserError 404 for a resource of others */
export async function openScreen(
  { caller, address }: Who,
  { title, resourceIds }: { title: string; resourceIds: number[] },
  { db, clock }: ServiceDeps,
): Promise<{ id: number; token: string }> {
  return db.transaction(async (tx) => {
    const places = [];
    for (const id of resourceIds) places.push(await seen(tx, caller, id));
    const organisationId = places[0]!.id;
    if (places.some(({ id }) => id !== organisationId))
      throw new UserError(422, 'invalid-input', '一块屏只能显示同一部门的医生或窗口', {
        resourceIds: '应属于同一部门',
      });
    const token = randomBytes(24).toString('base64url');
    const [made] = await tx.query<{ id: number }>(
      `INSERT INTO appointment_screens (organisation_id, title, resource_ids, token_hash, opened_at, opened_by)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [organisationId, title, resourceIds, hashOf(token), clock.now(), caller.id],
    );
    await recordAudit(tx, {
      at: clock.now(),
      staffId: caller.id,
      organisationId,
      action: 'appointment-screen.open',
      subject: `appointment-screen:${made!.id}`,
      detail: { title, resources: resourceIds },
      address,
    });
    return { id: made!.id, token };
  });
}

export const screensFor = (on: Queryable, caller: Staff): Promise<Screen[]> =>
  on.query<Screen>(
    `SELECT c.id, c.title, c.opened_at AS "openedAt", s.name AS by,
            ARRAY (SELECT trim(title || ' ' || subtitle) FROM appointment_resources WHERE id = ANY (c.resource_ids) ORDER BY position, id) AS resources
       FROM organisations o JOIN appointment_screens c ON c.organisation_id = o.id JOIN staff s ON s.id = c.opened_by
      WHERE o.path LIKE ANY ($1) AND c.revoked_at IS NULL ORDER BY c.id DESC LIMIT 100`,
    [scopes(caller)],
  );

/** Its link opens nothing from now on, and what stands open goes dark. @throws UserError 404 */
export async function revokeScreen({ caller, address }: Who, id: number, { db, clock, live }: ServiceDeps) {
  await db.transaction(async (tx) => {
    const [gone] = await tx.query<{ organisation_id: number; path: string }>(
      `WITH u AS (
         UPDATE appointment_screens c SET revoked_at = $2 FROM organisations o
          WHERE c.id = $1 AND o.id = c.organisation_id AND o.path LIKE ANY ($3) AND c.revoked_at IS NULL
         RETURNING c.organisation_id, o.path)
       SELECT * FROM u`,
      [id, clock.now(), scopes(caller)],
    );
    if (!gone) throw notFound('这块屏');
    await recordAudit(tx, {
      at: clock.now(),
      staffId: caller.id,
      organisationId: gone.organisation_id,
      action: 'appointment-screen.revoke',
      subject: `appointment-screen:${id}`,
      address,
    });
    const data = { screen: id };
    await live.publish(tx, { topic: 'appointment-screen', path: gone.path, roles: ['clerk', 'supervisor'], data });
  });
}

export type OpenScreen = { id: number; title: string; resource_ids: number[] };

/** @throws UserError 404, the same for a link that was taken back and one that never was */
export async function screenOf(on: Queryable, token: string): Promise<OpenScreen> {
  const [found] = await on.query<OpenScreen>(
    'SELECT id, title, resource_ids FROM appointment_screens WHERE token_hash = $1 AND revoked_at IS NULL',
    [hashOf(token)],
  );
  if (!found) throw new UserError(404, 'not-found', '这块屏的链接已失效，请工作人员重新打开');
  return found;
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

export type Shown = {
  title: string;
  rows: {
    what: string;
    place: string;
    called: { number: number; person: string; at: string }[];
    waiting: number[];
    waitingCount: number;
    passed: number[];
  }[];
};

const mostCalled = 3;
const mostWaiting = 6;

type Queued = {
  resource_id: number;
  queue_number: number;
  name_sealed: string;
  called_at: Date | null;
  passed_at: Date | null;
};

/** Who is called and who is next: numbers, and of those who are called the name, masked. */
export async function shownOn(screen: OpenScreen, { db, clock, encryption }: ServiceDeps): Promise<Shown> {
  const resources = await db.query<{ id: number; what: string; place: string }>(
    `SELECT id, trim(title || ' ' || subtitle) AS what, place FROM appointment_resources WHERE id = ANY ($1) ORDER BY position, id`,
    [screen.resource_ids],
  );
  const queued = await db.query<Queued>(
    `SELECT resource_id, queue_number, name_sealed, called_at, passed_at FROM appointments
      WHERE resource_id = ANY ($1) AND day = $2 AND status = 'checked-in' ORDER BY queue_rank, id`,
    [screen.resource_ids, dayOf(clock.now())],
  );
  const rows = resources.map(({ id, what, place }) => {
    const here = queued.filter(({ resource_id }) => resource_id === id);
    const waiting = here.filter(({ called_at, passed_at }) => !called_at && !passed_at);
    const called = here
      .filter(({ called_at, passed_at }) => called_at && !passed_at)
      .sort((one, other) => other.called_at!.getTime() - one.called_at!.getTime());
    return {
      what,
      place,
      called: called.slice(0, mostCalled).map(({ queue_number, name_sealed, called_at }) => ({
        number: queue_number,
        person: maskName(encryption.open(name_sealed)),
        at: called_at!.toISOString(),
      })),
      waiting: waiting.slice(0, mostWaiting).map(({ queue_number }) => queue_number),
      waitingCount: waiting.length,
      passed: here.filter(({ passed_at }) => passed_at).map(({ queue_number }) => queue_number),
    };
  });
  return { title: screen.title, rows };
}
