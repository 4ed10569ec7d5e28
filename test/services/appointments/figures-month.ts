import { at, type Hall } from './hall';

/** A March whose figures were computed by hand: two of a hospital, and a counter of the police. */
export async function fillMonth(
  hall: Hall,
  { doctor, other, theirs }: { doctor: number; other: number; theirs: number },
): Promise<void> {
  const monday = await hall.slot(doctor, 4, '2026-03-09 09:00');
  await visit(hall, monday, 'served', '2026-03-09 07:00');
  await visit(hall, monday, 'served', '2026-03-02 10:00');
  // half an hour before midnight in China is the day before in China
  await visit(hall, monday, 'no-show', '2026-03-08 23:30');
  await visit(hall, monday, 'cancelled', '2026-03-05 10:00');
  await visit(hall, monday, 'cancelled', '2026-03-05 10:00', { reason: 'moved' });
  await visit(hall, monday, 'expired', null);
  const tuesday = await hall.slot(doctor, 3, '2026-03-10 09:00');
  await visit(hall, tuesday, 'checked-in', '2026-03-01 10:00');
  await visit(hall, tuesday, 'served', '2026-03-10 08:30', { walkIn: true });
  const stopped = await hall.slot(doctor, 5, '2026-03-10 10:00');
  await hall.db.query(`UPDATE appointment_slots SET status = 'stopped' WHERE id = $1`, [stopped]);
  await visit(hall, stopped, 'stopped', '2026-03-01 10:00', { reason: '@示例抢救' });
  await visit(hall, await hall.slot(doctor, 2, '2026-03-17 09:00'), 'booked', '2026-03-15 10:00');
  await visit(hall, await hall.slot(other, 2, '2026-03-10 09:00'), 'served', '2026-03-07 10:00');
  await visit(hall, await hall.slot(theirs, 3, '2026-03-10 09:00'), 'no-show', '2026-02-18 10:00');
  for (const [day, status] of [
    ['2026-03-09', 'done'],
    ['2026-03-09', 'gone'],
    // nobody has struck them off, but the day went by
    ['2026-03-09', 'waiting'],
    ['2026-03-17', 'waiting'],
  ])
    await hall.db.query(
      `INSERT INTO appointment_waiting (resource_id, organisation_id, day, account_id, openid, person_id, at, status)
       SELECT id, organisation_id, $2, $3, 'o-waits', (SELECT min(id) FROM persons), $4, $5 FROM appointment_resources WHERE id = $1`,
      [doctor, day, hall.account.id, hall.now, status],
    );
}

let codes = 0;
const visit = (
  hall: Hall,
  slotId: string,
  status: string,
  booked: string | null,
  { walkIn = false, reason = '' } = {},
) =>
  hall.db.query(
    `INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, name_sealed, status, made_at, booked_at,
                               walk_in, end_reason)
     SELECT $2, id, resource_id, organisation_id, day, starts_at, '', $3, $4, $5, $6, nullif($7, '') FROM appointment_slots WHERE id = $1`,
    [slotId, String(10_000_000 + codes++), status, hall.now, booked && at(booked), walkIn, reason],
  );
