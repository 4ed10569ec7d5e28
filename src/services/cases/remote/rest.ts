import { z } from 'zod';
import type { ServiceDeps } from '../../../dialogue/service';
import type { Citizen } from '../../../people/citizen';
import { citizenPage } from '../../../people/citizen-page';
import { personsOf } from '../../../people/identity/bindings';
import type { Case } from '../case';
import { afterQuietHours } from '../quiet-hours';
import { type CaseSource, sourcesOf } from '../source';
import { told } from '../wording';

/** An office that takes longer than a chat allows mostly answers within this. */
const patienceMillis = 15_000;
const waitMillis = 10 * 60_000;
const againMillis = 30_000;
/** More than that nobody asks about at once; each is a message. */
const mostAwaited = 5;

/** By number, or one's own. */
type Question = { number: string; factor: string } | 'mine';
type Awaited = {
  id: string;
  account_id: number;
  openid: string;
  source_id: number;
  question_sealed: string | null;
  until: Date;
};
const asked = z.object({ number: z.string(), factor: z.string() });

/** Offices that did not answer are asked again for the citizen; those that did are waited for no longer. @returns whether any is */
export async function awaitRest(
  { accountId, openid }: Citizen,
  question: Question,
  down: CaseSource[],
  { db, clock, encryption }: Pick<ServiceDeps, 'db' | 'clock' | 'encryption'>,
): Promise<boolean> {
  const silent = down.filter(({ lastKnown }) => lastKnown).map(({ id }) => id);
  const key =
    question === 'mine' ? 'mine' : encryption.blindIndex(`case-awaited:${question.number}:${question.factor}`);
  await db.query(
    'DELETE FROM case_awaited WHERE account_id = $1 AND openid = $2 AND question = $3 AND NOT source_id = ANY ($4)',
    [accountId, openid, key, silent],
  );
  if (silent.length === 0) return false;
  const rows = await db.query(
    `INSERT INTO case_awaited (account_id, openid, source_id, question, question_sealed, next_at, until)
     SELECT $1, $2, id, $3, $4, $5, $6 FROM unnest($7::int[]) AS id
      WHERE (SELECT count(*) FROM case_awaited WHERE account_id = $1 AND openid = $2) < $8
     ON CONFLICT (account_id, openid, source_id, question) DO UPDATE SET until = excluded.until RETURNING id`,
    [
      accountId,
      openid,
      key,
      question === 'mine' ? null : encryption.seal(JSON.stringify(question)),
      clock.now(),
      new Date(clock.millis() + waitMillis),
      silent,
      mostAwaited,
    ],
  );
  return rows.length > 0;
}

/** Asks for all that is due. Two processes take different ones, and what is told is told with the row's end. */
export async function deliverRest(deps: ServiceDeps): Promise<void> {
  const now = deps.clock.now();
  const due = await deps.db.query<Awaited>(
    `UPDATE case_awaited SET attempts = attempts + 1, next_at = $2
      WHERE id IN (SELECT id FROM case_awaited WHERE next_at <= $1 ORDER BY next_at LIMIT 20 FOR UPDATE SKIP LOCKED)
      RETURNING id::text, account_id, openid, source_id, question_sealed, until`,
    [now, new Date(now.getTime() + againMillis)],
  );
  await Promise.all(due.map((row) => askAgain(row, deps)));
}

async function askAgain(row: Awaited, deps: ServiceDeps): Promise<void> {
  const account = deps.accounts.byId(row.account_id);
  const source = account && (await sourcesOf(account.organisationId, deps)).find(({ id }) => id === row.source_id);
  const question =
    row.question_sealed === null ? 'mine' : asked.parse(JSON.parse(deps.encryption.open(row.question_sealed)));
  const found = source && (await askPatiently(source, question, row, deps).catch(() => undefined));
  if (found) await end(row, restWords(source, question, found, row, deps), deps);
  else if (!source) await end(row, '', deps);
  else if (row.until <= deps.clock.now())
    await end(row, deps.texts.say('cases.rest-none', { office: source.title }, row.account_id), deps);
}

async function askPatiently(source: CaseSource, question: Question, row: Awaited, deps: ServiceDeps): Promise<Case[]> {
  const signal = AbortSignal.timeout(patienceMillis);
  if (question !== 'mine') {
    const one = await source.byNumber(question.number, question.factor, signal);
    return one ? [one] : [];
  }
  const persons = await personsOf(deps.db, { accountId: row.account_id, openid: row.openid }, deps.encryption);
  return (await Promise.all(persons.map(({ document }) => source.ofPerson(document, signal)))).flat();
}

function restWords(source: CaseSource, question: Question, found: Case[], row: Awaited, deps: ServiceDeps): string {
  const number = question === 'mine' ? '' : question.number;
  const link = citizenPage(deps, row.account_id, `/cases${number && `?number=${number}`}`);
  const items = found.slice(0, 8).map((one) => {
    const { title, state, words } = told(one);
    return { title, number: one.number, state, words };
  });
  return deps.texts.say('cases.rest', { office: source.title, found: items, number, link }, row.account_id);
}

/** Whoever takes the row away tells; an answer that the citizen has got meanwhile has taken it already. */
async function end({ id, account_id, openid }: Awaited, content: string, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const gone = await tx.query('DELETE FROM case_awaited WHERE id = $1 RETURNING id', [id]);
    if (gone.length === 0) return;
    await deps.delivery.enqueue(tx, {
      accountId: account_id,
      openid,
      source: 'cases:rest',
      message: { type: 'text', content },
      dedupeKey: `cases.rest:${id}`,
      personal: true,
      notBefore: afterQuietHours(deps.clock.now(), deps.settings),
    });
  });
}
