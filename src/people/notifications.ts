import type { Clock } from '../platform/clock';
import type { Database, Tx } from '../platform/database';
import type { Sweep } from '../platform/jobs';
import { type Live, onlyFor } from '../platform/live';
import type { StaffRole } from './staff';

/** Something that concerns particular people of the staff, shown at the bell in the console until they have read it. */
export type Notice = {
  /** these, or whoever holds one of the roles in the organisation or above it, or both */
  staffIds?: readonly (number | null)[];
  roles?: { roles: readonly StaffRole[]; organisationId: number };
  /** whoever did it knows it already */
  except?: number;
  kind: NoticeKind;
  /** Chinese, and nothing that identifies a citizen */
  title: string;
  /** a page of the console, `/questions/7` */
  link: string;
  /** the same again, while it is unread, takes its place: `question:7` */
  about?: string;
};
export const noticeKinds = ['assigned', 'added', 'due-soon', 'overdue', 'escalated', 'mention', 'safety'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Tells them when the transaction commits. */
export type Notify = (tx: Tx, notices: readonly Notice[]) => Promise<void>;

/** Of one person: whoever has more unread than this reads the list of what is due instead. */
const mostKept = 200;
const keptMillis = 90 * 24 * 3600_000;
/** One event holds at most 7,900 bytes. */
const staffInOneEvent = 300;

export function createNotify({ clock, live }: { clock: Clock; live: Live }): Notify {
  return async (tx, notices) => {
    const lines = await toEach(tx, notices);
    if (lines.length === 0) return;
    await tx.query(
      `INSERT INTO staff_notifications (staff_id, at, kind, title, link, about)
       SELECT staff_id, $1::timestamptz, kind, title, link, about
         FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) AS n (staff_id, kind, title, link, about)
       ON CONFLICT (staff_id, about) WHERE read_at IS NULL AND about IS NOT NULL
         DO UPDATE SET at = excluded.at, kind = excluded.kind, title = excluded.title, link = excluded.link`,
      [
        clock.now(),
        lines.map(({ staffId }) => staffId),
        lines.map(({ notice }) => notice.kind),
        lines.map(({ notice }) => notice.title),
        lines.map(({ notice }) => notice.link),
        lines.map(({ notice }) => notice.about ?? null),
      ],
    );
    const people = [...new Set(lines.map(({ staffId }) => staffId))];
    // What somebody else is just doing away with is left to them: two that tell the same people would wait for each other.
    await tx.query(
      `DELETE FROM staff_notifications WHERE id IN (
         SELECT n.id FROM staff_notifications n
           JOIN (SELECT id, row_number() OVER (PARTITION BY staff_id ORDER BY at DESC, id DESC) AS place
                   FROM staff_notifications WHERE staff_id = ANY ($1)) ranked ON ranked.id = n.id
          WHERE place > $2 FOR UPDATE OF n SKIP LOCKED)`,
      [people, mostKept],
    );
    for (let from = 0; from < people.length; from += staffInOneEvent)
      await live.publish(tx, {
        topic: 'notification',
        ...onlyFor(people.slice(from, from + staffInOneEvent)),
        data: {},
      });
  };
}

/** Each person and thing once, the last that is said of it; in one order for all, so that two transactions never wait for each other. */
async function toEach(tx: Tx, notices: readonly Notice[]): Promise<{ staffId: number; notice: Notice }[]> {
  const holders = await holdersOf(tx, notices);
  const lines = new Map<string, { staffId: number; notice: Notice }>();
  notices.forEach((notice, index) => {
    const named = (notice.staffIds ?? []).filter((id) => id !== null);
    for (const staffId of new Set([...named, ...(holders.get(notice.roles) ?? [])]))
      if (staffId !== notice.except) lines.set(`${staffId} ${notice.about ?? index}`, { staffId, notice });
  });
  return [...lines].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line);
}

async function holdersOf(tx: Tx, notices: readonly Notice[]): Promise<Map<Notice['roles'], number[]>> {
  const asked = notices.flatMap(({ roles }) => (roles ? [roles] : []));
  const found = new Map<Notice['roles'], number[]>();
  for (const list of new Set(asked.map(({ roles }) => roles.join(' ')))) {
    const those = asked.filter(({ roles }) => roles.join(' ') === list);
    const rows = await tx.query<{ organisation: number; staff_id: number }>(
      `SELECT DISTINCT place.id AS organisation, r.staff_id
         FROM organisations place JOIN organisations o ON starts_with(place.path, o.path)
         JOIN staff_roles r ON r.organisation_id = o.id AND r.role = ANY ($2)
         JOIN staff s ON s.id = r.staff_id AND s.disabled_at IS NULL
        WHERE place.id = ANY ($1)`,
      [[...new Set(those.map(({ organisationId }) => organisationId))], list.split(' ')],
    );
    for (const one of those)
      found.set(
        one,
        rows.filter(({ organisation }) => organisation === one.organisationId).map(({ staff_id }) => staff_id),
      );
  }
  return found;
}

export const notificationSweep = ({ db, clock }: { db: Database; clock: Clock }): Sweep => ({
  name: 'staff-notifications',
  seconds: 3600,
  run: async () => {
    await db.query('DELETE FROM staff_notifications WHERE at < $1', [new Date(clock.millis() - keptMillis)]);
  },
});
