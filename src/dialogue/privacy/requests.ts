import { randomBytes } from 'node:crypto';
import { type Citizen, citizenHash } from '../../people/citizen';
import { type AuditAction, recordAudit } from '../../platform/audit';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { addJob } from '../../platform/jobs';
import type { ServiceDeps } from '../service';
import { dayMillis, privacyPolicy } from './policy';

export type RequestKind = 'export' | 'erase' | 'forget';
export type Cause = 'citizen' | 'unsubscribe' | 'revoke' | 'cancellation';
export type RequestStatus = 'waiting' | 'closing' | 'done' | 'withdrawn' | 'failed';

/** What was done with one part of the data. `why` and `until` where some of it stays. */
export type Part = { title: string; erased: number; kept: number; why?: string; until?: string };

export type PrivacyRequest = {
  id: string;
  kind: RequestKind;
  cause: Cause;
  status: RequestStatus;
  asked_at: Date;
  due_at: Date;
  done_at: Date | null;
  expires_at: Date | null;
  result: Part[];
};

export const runJob = 'privacy.run';
const columns = 'id, kind, cause, status, asked_at, due_at, done_at, expires_at, result';

type Deps = Pick<ServiceDeps, 'clock' | 'encryption' | 'settings' | 'accounts' | 'signOuts'>;

/**
 * Has a copy made, or the data deleted once the time to think it over has passed. Asked for twice it is the same request.
 * @throws UserError 429 for more copies than a day allows
 */
export async function askFor(tx: Tx, citizen: Citizen, kind: 'export' | 'erase', deps: Deps): Promise<PrivacyRequest> {
  await tx.query('SELECT pg_advisory_xact_lock(7269050, hashtext($1))', [citizen.openid]);
  const { eraseWaitDays, copiesPerDay } = privacyPolicy(deps.settings);
  const now = deps.clock.now();
  if (kind === 'export') {
    const [made] = await tx.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM privacy_requests WHERE account_id = $1 AND openid = $2 AND kind = 'export'
          AND status <> 'waiting' AND asked_at > $3`,
      [citizen.accountId, citizen.openid, new Date(now.getTime() - dayMillis)],
    );
    if (made!.count >= copiesPerDay)
      throw new UserError(429, 'too-many', `每天最多导出 ${copiesPerDay} 次，请明天再试`);
  }
  return request(tx, citizen, { kind, cause: 'citizen', waitDays: kind === 'erase' ? eraseWaitDays : 0 }, deps);
}

/** WeChat says that the citizen has left, or lets us have their data no more: what came from it goes, which Tencent requires. */
export async function askOnEvent(tx: Tx, citizen: Citizen, cause: Exclude<Cause, 'citizen'>, deps: Deps) {
  const waitDays = cause === 'unsubscribe' ? privacyPolicy(deps.settings).unsubscribeWaitDays : 0;
  await request(tx, citizen, { kind: cause === 'cancellation' ? 'erase' : 'forget', cause, waitDays }, deps);
  if (cause !== 'unsubscribe') await deps.signOuts.endEverything(tx, citizen);
}

async function request(
  tx: Tx,
  citizen: Citizen,
  { kind, cause, waitDays }: { kind: RequestKind; cause: Cause; waitDays: number },
  deps: Deps,
): Promise<PrivacyRequest> {
  const { accountId, openid } = citizen;
  const at = deps.clock.now();
  const due = new Date(at.getTime() + waitDays * dayMillis);
  // Of two that ask for the same, the one that is due first counts.
  const [row] = await tx.query<PrivacyRequest>(
    `INSERT INTO privacy_requests (id, account_id, openid, citizen_hash, kind, cause, asked_at, due_at, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting')
     ON CONFLICT (account_id, openid, kind) WHERE status IN ('waiting','closing') DO UPDATE
       SET due_at = least(privacy_requests.due_at, excluded.due_at),
           cause = CASE WHEN excluded.due_at < privacy_requests.due_at THEN excluded.cause ELSE privacy_requests.cause END
     RETURNING ${columns}`,
    [newId(), accountId, openid, citizenHash(citizen, deps.encryption), kind, cause, at, due],
  );
  await audit(tx, citizen, `privacy.${kind}.asked`, { cause, due: row!.due_at.toISOString() }, deps);
  if (waitDays === 0) await addJob(tx, runJob, {}, { key: `${runJob}:${row!.id}` });
  return row!;
}

/** Takes a deletion back. @throws UserError 404, 409 once it has begun */
export async function withdraw(tx: Tx, citizen: Citizen, id: string, deps: Deps): Promise<PrivacyRequest> {
  const [found] = await tx.query<{ status: RequestStatus }>(
    `SELECT status FROM privacy_requests WHERE id = $1 AND account_id = $2 AND openid = $3 AND kind = 'erase' FOR UPDATE`,
    [id, citizen.accountId, citizen.openid],
  );
  if (!found) throw notFound('这个申请');
  if (found.status !== 'waiting') throw new UserError(409, 'too-late', '删除已经开始或已经结束，不能撤回');
  const [row] = await tx.query<PrivacyRequest>(
    `WITH w AS (UPDATE privacy_requests SET status = 'withdrawn', done_at = $2 WHERE id = $1 RETURNING ${columns}) SELECT * FROM w`,
    [id, deps.clock.now()],
  );
  await audit(tx, citizen, 'privacy.erase.withdrawn', {}, deps);
  return row!;
}

export const requestsOf = (on: Queryable, { accountId, openid }: Citizen): Promise<PrivacyRequest[]> =>
  on.query<PrivacyRequest>(
    `SELECT ${columns} FROM privacy_requests WHERE account_id = $1 AND openid = $2 ORDER BY asked_at DESC, id LIMIT 10`,
    [accountId, openid],
  );

/** The copy itself, for nobody but whose it is. @throws UserError 404 also when it is too old */
export async function copyOf(on: Queryable, { accountId, openid }: Citizen, id: string, deps: Deps): Promise<string> {
  const [row] = await on.query<{ file_sealed: string }>(
    `SELECT file_sealed FROM privacy_requests WHERE id = $1 AND account_id = $2 AND openid = $3 AND kind = 'export'
        AND file_sealed IS NOT NULL AND expires_at > $4`,
    [id, accountId, openid, deps.clock.now()],
  );
  if (!row) throw notFound('这份副本，也许已经过期');
  return deps.encryption.open(row.file_sealed);
}

/** Acts of citizens, who are nobody of the staff, stand in the trail of the account's organisation. */
export async function audit(
  tx: Tx,
  citizen: Citizen,
  action: AuditAction,
  detail: Record<string, unknown>,
  deps: Deps,
) {
  await recordAudit(tx, {
    at: deps.clock.now(),
    staffId: null,
    organisationId: deps.accounts.byId(citizen.accountId)?.organisationId ?? null,
    action,
    subject: `citizen:${citizenHash(citizen, deps.encryption).slice(0, 16)}`,
    detail,
  });
}

const newId = () => randomBytes(16).toString('hex');
