import type { ServiceDeps } from '../../dialogue/service';
import { documentHash } from '../../people/identity/bindings';
import type { IdentityDocument } from '../../people/identity/documents';
import { recordAudit } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { dayOf } from './days';
import { changed, lockVisit, onOne, refused, scopes, selectVisits, type Who } from './desk';
import { forgiveMark } from './no-shows';
import { lineUp } from './queue';
import type { Visit } from './visit';

/** Somebody is here with the code of their ticket, typed, scanned or read out: they get a number. Said twice it is the same number. */
export async function checkIn(who: Who, code: string, deps: ServiceDeps): Promise<Visit> {
  return deps.db.transaction(async (tx) => {
    const [found] = await tx.query<{ id: string }>(
      `SELECT a.id::text FROM appointments a JOIN organisations o ON o.id = a.organisation_id
        WHERE a.day = $1 AND a.code = $2 AND o.path LIKE ANY ($3)`,
      [dayOf(deps.clock.now()), code, scopes(who.caller)],
    );
    if (!found) throw new UserError(404, 'not-found', '今天没有这个编号的预约，请核对编号、日期和窗口');
    return arrive(tx, who, await lockVisit(tx, who.caller, found.id), deps);
  });
}

/** The same for one on the roster. */
export const checkInOne = (who: Who, id: string, deps: ServiceDeps): Promise<Visit> =>
  deps.db.transaction(async (tx) => arrive(tx, who, await lockVisit(tx, who.caller, id), deps));

/** Which of today's bookings here are of whoever has this document. That it was asked is written down; the number itself nowhere. */
export const bookingsOf = (who: Who, document: IdentityDocument, deps: ServiceDeps): Promise<Visit[]> =>
  deps.db.transaction(async (tx) => {
    const now = deps.clock.now();
    const found = await tx.query<Visit>(
      `${selectVisits} JOIN persons p ON p.id = a.person_id
        WHERE p.document_hash = $1 AND a.day = $2 AND o.path LIKE ANY ($3) AND a.status IN ('booked','checked-in','no-show')
        ORDER BY a.starts_at, a.id LIMIT 20`,
      [documentHash(document, deps.encryption), dayOf(now), scopes(who.caller)],
    );
    await recordAudit(tx, {
      at: now,
      staffId: who.caller.id,
      organisationId: found[0]?.organisation_id ?? who.caller.organisation.id,
      action: 'appointment.find-by-document',
      subject: found[0] ? `person:${found[0].person_id}` : 'person:nobody',
      detail: { found: found.map(({ id }) => id) },
      address: who.address,
    });
    return found;
  });

async function arrive(tx: Tx, who: Who, one: Visit, deps: ServiceDeps): Promise<Visit> {
  if (one.status === 'checked-in') return one;
  const today = dayOf(deps.clock.now());
  if (one.day !== today) throw refused('another-day', `这个预约是 ${one.day} 的，今天不能签到`);
  // Marked as not come, and here after all.
  if (one.status === 'no-show') await takeBack(tx, one, who, deps);
  else if (one.status !== 'booked') throw refused('not-active', '这个预约已经取消或结束，不能签到');
  await lineUp(tx, one);
  return changed(tx, who, one, 'check-in', deps);
}

async function takeBack(tx: Tx, one: Visit, who: Who, deps: ServiceDeps): Promise<void> {
  const [other] = await tx.query<{ code: string }>(
    `SELECT code FROM appointments WHERE person_id = $1 AND organisation_id = $2 AND day = $3
        AND status IN ('offered','held','booked','checked-in','served')`,
    [one.person_id, one.organisation_id, one.day],
  );
  if (other) throw refused('another', `这个预约记了未到，本人今天另有预约 ${other.code}，请按那一个签到`);
  await forgiveMark(tx, one.id, who.caller, deps);
}

/** Who is asked for by staff, in the clear, with a reason that is written down. */
export async function reveal(who: Who, id: string, reason: string, deps: ServiceDeps) {
  const one = await onOne(who, id, deps, async () => 'reveal', { reason });
  const { encryption } = deps;
  return { person: encryption.open(one.name_sealed), phone: one.phone_sealed ? encryption.open(one.phone_sealed) : '' };
}
