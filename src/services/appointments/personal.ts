import { randomInt } from 'node:crypto';
import type { PersonalData, Row } from '../../dialogue/privacy/personal-data';
import type { ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { shanghai } from '../../platform/clock';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { leaveRush } from './admission';
import { appealsOf, type Mark } from './appeals';
import { end } from './change';
import { dayOf } from './days';
import { leaveHospitalLines, leaveLines } from './lines';
import { tell, what, where } from './notices';
import { allOf, stateNames } from './own';
import { policyOf } from './policy';
import { type Appointment, selectAppointments } from './tables';

/** as far back as a month's limit looks */
const limitDays = 31;
const erased = '（已删除）';

/** A citizen's bookings: their copy, and what becomes of them when the citizen goes. */
export const personal: PersonalData = {
  title: '预约',
  async copy(citizen, most, { db, encryption }) {
    const rows = await allOf(db, citizen, { limit: most });
    const appeals = new Map((await appealsOf(db, citizen, most)).map((mark) => [mark.id, mark]));
    return rows.map(
      (one): Row => ({
        时间: shanghai(one.starts_at),
        事项: what(one),
        地点: where(one),
        为谁: encryption.open(one.name_sealed),
        手机号: one.phone_sealed ? encryption.open(one.phone_sealed) : '',
        编号: one.code,
        状态: stateNames[one.status],
        ...ownAppeal(appeals.get(one.id), encryption),
      }),
    );
  },

  async close(tx, citizen, deps) {
    const coming = await comingOf(tx, citizen, deps.clock.now());
    for (const one of coming) await release(tx, one, deps);
    await leaveRush(tx, citizen, deps.clock.now());
    return coming.length + (await leaveLines(tx, citizen));
  },

  async erase(tx, { accountId, openid }, alias, { clock, encryption }) {
    const today = dayOf(clock.now());
    const [busy] = await tx.query(
      `SELECT 1 AS one FROM appointments WHERE account_id = $1 AND openid = $2
          AND (status IN ('offered','held','booked') OR (status = 'checked-in' AND day >= $3)) LIMIT 1`,
      [accountId, openid, today],
    );
    if (busy) throw new UserError(409, 'busy', '今天的预约还没有办完，办完后再删除');
    const rows = await tx.query(
      `WITH u AS (
         UPDATE appointments SET openid = $3, name_sealed = $4, phone_sealed = NULL, phone_hash = NULL, key = NULL
          WHERE account_id = $1 AND openid = $2 RETURNING id)
       SELECT id FROM u`,
      [accountId, openid, alias, encryption.seal(erased)],
    );
    await tx.query(
      `UPDATE appointment_no_shows n SET appeal_sealed = NULL FROM appointments a
        WHERE a.id = n.appointment_id AND a.account_id = $1 AND a.openid = $2`,
      [accountId, alias],
    );
    await tx.query('DELETE FROM appointment_admissions WHERE account_id = $1 AND openid = $2', [accountId, openid]);
    const lines = await tx.query(
      `WITH d AS (DELETE FROM appointment_waiting WHERE account_id = $1 AND openid = $2 RETURNING id) SELECT id FROM d`,
      [accountId, openid],
    );
    return [
      {
        title: '预约记录里的姓名、手机号、微信号',
        erased: rows.length,
        kept: rows.length,
        ...(rows.length > 0 && { why: '时间、科室和结果已与您脱离，作为号源台账和统计保存' }),
      },
      { title: '候补记录', erased: lines.length, kept: 0 },
    ];
  },

  /** Who deletes and registers anew must not be let off the limits by it. */
  async needs(on, personId, at) {
    const [row] = await on.query<{ until: Date | null }>(
      `SELECT greatest(
         (SELECT max(ban_until) FROM appointment_no_shows WHERE person_id = $1 AND forgiven_at IS NULL),
         (SELECT max(starts_at) + make_interval(hours => 24 * $2) FROM appointments
           WHERE person_id = $1 AND status NOT IN ('cancelled','expired','stopped'))) AS until`,
      [personId, limitDays],
    );
    return row?.until && row.until > at ? row.until : undefined;
  },

  withdrawn: async (tx, citizen, kind) => {
    if (kind === 'health') await leaveHospitalLines(tx, citizen);
  },
};

const appealStates = { open: '等待处理', accepted: '成立', rejected: '不成立' } as const;
function ownAppeal(mark: Mark | undefined, encryption: ServiceDeps['encryption']): Row {
  if (!mark?.appeal_sealed || !mark.appeal_status) return {};
  return {
    爽约申诉: encryption.open(mark.appeal_sealed),
    申诉时间: shanghai(mark.appealed_at!),
    申诉结果: [appealStates[mark.appeal_status], mark.decision].filter(Boolean).join('：'),
  };
}

/** What has not begun; what has, is the counter's. */
const comingOf = (on: Queryable, { accountId, openid }: Citizen, at: Date): Promise<Appointment[]> =>
  on.query<Appointment>(
    `${selectAppointments} WHERE a.account_id = $1 AND a.openid = $2 AND a.starts_at > $3
        AND a.status IN ('offered','held','booked') ORDER BY a.id FOR UPDATE OF a`,
    [accountId, openid, at],
  );

async function release(tx: Tx, one: Appointment, deps: ServiceDeps): Promise<void> {
  const { least, most } = policyOf(one.policy, deps).returnAfterMinutes;
  const at = deps.clock.now();
  const returnsAt = new Date(at.getTime() + randomInt(least * 60, most * 60 + 1) * 1000);
  await tx.query(`UPDATE appointment_waiting SET status = 'gone' WHERE appointment_id = $1 AND status = 'offered'`, [
    one.id,
  ]);
  if (!(await end(tx, one.id, { status: 'cancelled', at, returnsAt, reason: 'erased' }))) return;
  if (one.status === 'booked') await tell(tx, one, 'cancelled', deps, { 原因: '您申请删除个人信息' });
}
