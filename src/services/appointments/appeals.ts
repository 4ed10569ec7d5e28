import type { ServiceDeps } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import { type AuditAction, recordAudit } from '../../platform/audit';
import { shanghai } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { desk } from './desk';
import { type LabelOf, notices, what, where } from './notices';
import { type Appointment, appointmentColumns, appointmentTables } from './tables';

export type AppealStatus = 'open' | 'accepted' | 'rejected';
/** A booking to which nobody came, and what the citizen and the staff say to it. */
export type Mark = Appointment & {
  ban_until: Date;
  appeal_sealed: string | null;
  appeal_status: AppealStatus | null;
  appealed_at: Date | null;
  decision: string | null;
  forgiven_at: Date | null;
};
type Own = { accountId: number; openid: string; id: string };

const select = `SELECT ${appointmentColumns}, n.ban_until, n.appeal_sealed, n.appeal_status, n.appealed_at, n.decision, n.forgiven_at
  FROM ${appointmentTables} JOIN appointment_no_shows n ON n.appointment_id = a.id`;

/** One of a citizen's own. */
export async function markOf(on: Queryable, { accountId, openid, id }: Own): Promise<Mark | undefined> {
  const [mark] = await on.query<Mark>(`${select} WHERE a.id = $1 AND a.account_id = $2 AND a.openid = $3`, [
    id,
    accountId,
    openid,
  ]);
  return mark;
}

/** All that may still keep a citizen from booking, the newest first. */
export const marksOf = (on: Queryable, { accountId, openid }: Omit<Own, 'id'>, at: Date): Promise<Mark[]> =>
  on.query<Mark>(
    `${select} WHERE a.account_id = $1 AND a.openid = $2 AND n.forgiven_at IS NULL AND n.ban_until > $3
      ORDER BY a.starts_at DESC LIMIT 5`,
    [accountId, openid, at],
  );

/** All that a citizen has appealed against, the newest first. */
export const appealsOf = (on: Queryable, { accountId, openid }: Omit<Own, 'id'>, most: number): Promise<Mark[]> =>
  on.query<Mark>(
    `${select} WHERE a.account_id = $1 AND a.openid = $2 AND n.appeal_sealed IS NOT NULL ORDER BY a.id DESC LIMIT $3`,
    [accountId, openid, most],
  );

/** Why an appeal cannot be made, in words for the citizen; undefined where it can. */
export function standsAgainst({ forgiven_at, appeal_status, ban_until }: Mark, at: Date): string | undefined {
  if (forgiven_at) return '这次爽约已经撤销，不用申诉';
  if (appeal_status === 'open') return '已经申诉过，正在处理，有结果会通知您';
  if (appeal_status) return '这次爽约已经申诉过，不能再次申诉';
  if (ban_until <= at) return '这次爽约已不再计算，不用申诉';
  return undefined;
}

/** Why somebody did not come, in their own words: once for each mark. @throws UserError 404, 409 */
export async function appeal(tx: Tx, own: Own, reason: string, at: Date, deps: ServiceDeps): Promise<Mark> {
  await tx.query('SELECT 1 FROM appointment_no_shows WHERE appointment_id = $1 FOR UPDATE', [own.id]);
  const mark = await markOf(tx, own);
  if (!mark) throw notFound('这次爽约记录');
  const against = standsAgainst(mark, at);
  if (against) throw new UserError(409, 'no-appeal', against);
  await tx.query(
    `UPDATE appointment_no_shows SET appeal_sealed = $2, appeal_status = 'open', appealed_at = $3 WHERE appointment_id = $1`,
    [own.id, deps.encryption.seal(reason), at],
  );
  const data = { id: mark.id, resourceId: mark.resource_id, day: mark.day };
  await deps.live.publish(tx, { topic: 'appointment', path: mark.organisation_path, roles: desk, data });
  await deps.notify(tx, [
    {
      roles: { roles: desk, organisationId: mark.organisation_id },
      kind: 'added',
      title: `预约 ${mark.code} 有爽约申诉`,
      link: '/appointments/appeals',
      about: `appeal:${mark.id}`,
    },
  ]);
  return (await markOf(tx, own))!;
}

type Who = { caller: Staff; address: string };

/** What waits for a decision, the oldest first. What citizens write is theirs: that it was read is recorded. */
export async function openAppeals(who: Who, { db, clock }: ServiceDeps): Promise<Mark[]> {
  return db.transaction(async (tx) => {
    const marks = await tx.query<Mark>(
      `${select} WHERE n.appeal_status = 'open' AND o.path LIKE ANY ($1) ORDER BY n.appealed_at, a.id LIMIT 200`,
      [prefixes(scopeOf(who.caller, desk))],
    );
    for (const { id, organisation_id } of marks)
      await audit(tx, who, { id, organisation_id }, 'appointment.appeal-read', {}, clock.now());
    return marks;
  });
}

/** Staff decide, and the citizen is told with the words that go with it. @throws UserError 404, 409 once decided */
export async function decide(
  who: Who,
  { id, accept, words }: { id: string; accept: boolean; words: string },
  deps: ServiceDeps,
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    const [mark] = await tx.query<Mark>(
      `${select} WHERE a.id = $1 AND o.path LIKE ANY ($2) AND n.appeal_status IS NOT NULL FOR UPDATE OF n`,
      [id, prefixes(scopeOf(who.caller, desk))],
    );
    if (!mark) throw notFound('这个申诉');
    if (mark.appeal_status !== 'open') throw new UserError(409, 'decided', '这个申诉已经有人处理了');
    await tx.query(
      `UPDATE appointment_no_shows SET appeal_status = $2, decision = $3, decided_at = $4, decided_by = $5,
              forgiven_at = CASE WHEN $2 = 'accepted' THEN coalesce(forgiven_at, $4) ELSE forgiven_at END
        WHERE appointment_id = $1`,
      [id, accept ? 'accepted' : 'rejected', words, at, who.caller.id],
    );
    await audit(tx, who, mark, 'appointment.appeal-decided', { accept, words }, at);
    const data = { id, resourceId: mark.resource_id, day: mark.day };
    await deps.live.publish(tx, { topic: 'appointment', path: mark.organisation_path, roles: desk, data });
    await tellDecision(tx, mark, { accept, words }, deps);
  });
}

async function tellDecision(
  tx: Tx,
  mark: Mark,
  { accept, words }: { accept: boolean; words: string },
  deps: ServiceDeps,
): Promise<void> {
  if (mark.account_id === null || mark.openid === null || mark.openid.startsWith('erased:')) return;
  const result = accept ? '申诉成立，这次爽约已撤销' : '申诉不成立，这次爽约仍计算';
  await deps.delivery.enqueue(tx, {
    accountId: mark.account_id,
    openid: mark.openid,
    source: `appointments:${mark.code}`,
    notice: {
      kind: 'appointments.appealed',
      title: notices['appointments.appealed'].title,
      data: {
        事项: what(mark),
        时间: shanghai(mark.starts_at),
        地点: where(mark),
        结果: result,
        说明: words,
      } satisfies Record<LabelOf<'appointments.appealed'>, string>,
      url: citizenPage(deps, mark.account_id, `/appointments/${mark.id}`),
    },
    dedupeKey: `appointments.appealed:${mark.id}`,
  });
}

const audit = (
  tx: Tx,
  { caller, address }: Who,
  { id, organisation_id }: Pick<Mark, 'id' | 'organisation_id'>,
  action: AuditAction,
  detail: Record<string, unknown>,
  at: Date,
) =>
  recordAudit(tx, {
    at,
    staffId: caller.id,
    organisationId: organisation_id,
    action,
    subject: `appointment:${id}`,
    detail,
    address,
  });
