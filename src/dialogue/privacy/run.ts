import { type Citizen, citizenHash } from '../../people/citizen';
import { citizenPage } from '../../people/citizen-page';
import { dropOldTraces, forgetDocuments, unboundDocuments } from '../../people/identity/leave';
import { dropOldSignOuts } from '../../people/sign-outs';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { JobHandler, Sweep } from '../../platform/jobs';
import type { ServiceDeps } from '../service';
import { atRest } from './at-rest';
import { makeCopy } from './copy';
import { allData, neededUntil } from './own-data';
import { UnderWay } from './personal-data';
import { dayMillis, privacyPolicy } from './policy';
import { audit, type Cause, type Part, type RequestKind, runJob } from './requests';

/** What is due of the citizens' requests, and what may stay no longer. */
export function privacyWork(deps: ServiceDeps): { handlers: Record<string, JobHandler>; sweeps: Sweep[] } {
  return {
    handlers: { [runJob]: () => runDue(deps) },
    sweeps: [
      { name: 'privacy.requests', seconds: 30, run: () => runDue(deps) },
      { name: 'privacy.kept', seconds: 6 * 3600, run: () => dropWhatIsOver(deps) },
    ],
  };
}

type Due = {
  id: string;
  account_id: number;
  openid: string;
  kind: RequestKind;
  cause: Cause;
  status: 'waiting' | 'closing';
  attempts: number;
};

/** One after another, each in a transaction of its own; any number of processes may be at it. */
export async function runDue(deps: ServiceDeps): Promise<void> {
  for (;;) {
    let due: Due | undefined;
    try {
      due = await deps.db.transaction(async (tx) => {
        due = await nextDue(tx, deps);
        if (due) await run(tx, due, deps);
        return due;
      });
      if (!due) return;
    } catch (error) {
      if (!due) throw error;
      await later(due, error as Error, deps);
    }
  }
}

async function nextDue(tx: Tx, { clock }: ServiceDeps): Promise<Due | undefined> {
  const [due] = await tx.query<Due>(
    `SELECT id, account_id, openid, kind, cause, status, attempts FROM privacy_requests
      WHERE status IN ('waiting','closing') AND due_at <= $1 ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [clock.now()],
  );
  return due;
}

async function run(tx: Tx, due: Due, deps: ServiceDeps): Promise<void> {
  const citizen = { accountId: due.account_id, openid: due.openid };
  if (due.kind === 'export') return copy(tx, due, citizen, deps);
  if (due.kind === 'forget') return forget(tx, due, citizen, deps);
  return due.status === 'waiting' ? close(tx, due, citizen, deps) : erase(tx, due, citizen, deps);
}

async function copy(tx: Tx, { id }: Due, citizen: Citizen, deps: ServiceDeps): Promise<void> {
  const made = await makeCopy(citizen, deps);
  const parts = made.sections.map(({ title, rows }) => ({ title, erased: 0, kept: rows.length }));
  const hours = privacyPolicy(deps.settings).copyHours;
  await tx.query('UPDATE privacy_requests SET file_sealed = $2, expires_at = $3 WHERE id = $1', [
    id,
    deps.encryption.seal(JSON.stringify(made)),
    new Date(deps.clock.millis() + hours * 3600_000),
  ]);
  await end(tx, id, 'done', parts, deps);
  await audit(tx, citizen, 'privacy.export.done', { rows: parts.reduce((sum, { kept }) => sum + kept, 0) }, deps);
  await tell(tx, citizen, 'privacy.copied', { hours, link: linkFor(citizen, deps) }, id, deps);
}

/** First of two: what is under way ends, and the citizen hears of it while there is still somewhere to send it to. */
async function close(tx: Tx, { id, cause }: Due, citizen: Citizen, deps: ServiceDeps): Promise<void> {
  const parts: Part[] = [];
  for (const { title, close } of allData(deps)) {
    const ended = (await close?.(tx, citizen, deps)) ?? 0;
    if (ended > 0) parts.push({ title: `没办完的${title}，已结束`, erased: ended, kept: 0 });
  }
  const minutes = privacyPolicy(deps.settings).closingMinutes;
  const due = new Date(deps.clock.millis() + minutes * 60_000);
  await tx.query(`UPDATE privacy_requests SET status = 'closing', due_at = $2, result = $3::jsonb WHERE id = $1`, [
    id,
    due,
    JSON.stringify(parts),
  ]);
  if (cause === 'citizen') await tell(tx, citizen, 'privacy.closing', { minutes }, id, deps);
}

async function erase(tx: Tx, { id }: Due, citizen: Citizen, deps: ServiceDeps): Promise<void> {
  const alias = `erased:${citizenHash(citizen, deps.encryption).slice(0, 22)}`;
  const parts = await atRest(tx, citizen, deps.clock.now(), async () => {
    const parts: Part[] = [];
    for (const data of allData(deps)) {
      // Begun since the first of the two.
      await data.close?.(tx, citizen, deps);
      parts.push(...(await data.erase(tx, citizen, alias, deps)));
    }
    return parts;
  });
  await deps.signOuts.endEverything(tx, citizen);
  await end(tx, id, 'done', parts, deps);
  await audit(tx, citizen, 'privacy.erase.done', { parts }, deps);
  await tx.query(
    `UPDATE privacy_requests SET openid = NULL, file_sealed = NULL,
            status = CASE WHEN status IN ('waiting','closing') THEN 'withdrawn' ELSE status END
      WHERE account_id = $1 AND openid = $2`,
    [citizen.accountId, citizen.openid],
  );
}

async function forget(tx: Tx, { id, cause }: Due, citizen: Citizen, deps: ServiceDeps): Promise<void> {
  if (cause === 'unsubscribe' && (await isBack(tx, citizen))) return end(tx, id, 'withdrawn', [], deps);
  const parts = await atRest(tx, citizen, deps.clock.now(), async () => {
    const parts: Part[] = [];
    for (const data of allData(deps)) parts.push(...((await data.forget?.(tx, citizen, deps)) ?? []));
    return parts;
  });
  await end(tx, id, 'done', parts, deps);
  await audit(tx, citizen, 'privacy.forget.done', { cause, parts }, deps);
}

async function isBack(tx: Tx, { accountId, openid }: Citizen): Promise<boolean> {
  const [row] = await tx.query<{ following: boolean }>(
    'SELECT following FROM sessions WHERE account_id = $1 AND openid = $2',
    [accountId, openid],
  );
  return row?.following ?? false;
}

async function end(tx: Tx, id: string, status: 'done' | 'withdrawn', parts: Part[], { clock }: ServiceDeps) {
  await tx.query(`UPDATE privacy_requests SET status = $2, done_at = $3, result = result || $4::jsonb WHERE id = $1`, [
    id,
    status,
    clock.now(),
    JSON.stringify(parts),
  ]);
}

const tell = (
  tx: Tx,
  citizen: Citizen,
  key: string,
  variables: Record<string, unknown>,
  id: string,
  { delivery, texts }: ServiceDeps,
) =>
  delivery.enqueue(tx, {
    ...citizen,
    source: 'privacy',
    message: { type: 'text', content: texts.say(key, variables, citizen.accountId) },
    dedupeKey: `${key}:${id}`,
  });

const linkFor = ({ accountId }: Citizen, deps: ServiceDeps) => citizenPage(deps, accountId, '/me/privacy');

const mostAttempts = 50;
const againMillis = 5 * 60_000;
const busyMillis = 3600_000;
const underWayMillis = 60_000;

/** Something is in the way (a UserError: somebody is at the counter at this moment; for seconds), or went wrong: later, and not for ever. */
async function later({ id, attempts }: Due, error: Error, { db, clock, log }: ServiceDeps): Promise<void> {
  const underWay = error instanceof UnderWay;
  const busy = underWay || error instanceof UserError;
  const over = !busy && attempts + 1 >= mostAttempts;
  const wait = underWay ? underWayMillis : busy ? busyMillis : againMillis;
  log[busy ? 'info' : 'error']({ error: error.message, request: id }, "a citizen's request is put off");
  await db.query(
    'UPDATE privacy_requests SET attempts = attempts + $2, due_at = $3, status = CASE WHEN $4 THEN $5 ELSE status END WHERE id = $1',
    [id, busy ? 0 : 1, new Date(clock.millis() + wait), over, 'failed'],
  );
}

const batch = 200;

/** Copies that are too old, records that have served, and documents that nobody needs any more. */
export async function dropWhatIsOver(deps: ServiceDeps): Promise<void> {
  const { db, clock, settings } = deps;
  const { recordYears, consentYears } = privacyPolicy(settings);
  const now = clock.now();
  const yearsAgo = (years: number) => new Date(now.getTime() - years * 365 * dayMillis);
  await db.query('UPDATE privacy_requests SET file_sealed = NULL WHERE file_sealed IS NOT NULL AND expires_at <= $1', [
    now,
  ]);
  await db.query(`DELETE FROM privacy_requests WHERE asked_at < $1 AND status NOT IN ('waiting','closing')`, [
    yearsAgo(recordYears),
  ]);
  await dropOldTraces(db, now, yearsAgo(consentYears));
  await dropOldSignOuts(db, now);
  for (let last = '0'; ; ) {
    const ids = await unboundDocuments(db, last, batch);
    if (ids.length === 0) return;
    await db.transaction((tx) => forgetDocuments(tx, ids, (on, id) => neededUntil(on, id, deps)));
    last = ids.at(-1)!;
  }
}
