import { z } from 'zod';
import type { ServiceDeps } from '../../../dialogue/service';
import { documentHash } from '../../../people/identity/bindings';
import type { Case } from '../case';
import type { Question } from './ask';
import { remoteSettings } from './settings';

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'encryption' | 'settings'>;

const time = z.coerce.date();
const kept = z.array(
  z.object({
    sourceId: z.number(),
    number: z.string(),
    kind: z.string(),
    state: z.string(),
    steps: z.array(z.object({ state: z.string(), at: time, note: z.string().optional() })),
    dueAt: time.nullable(),
    done: z.boolean(),
    place: z.string(),
  }),
);

/** What a source last answered to the same question: number and factor, or document. */
export async function lastAnswer(sourceId: number, question: Question, { db, encryption }: Deps) {
  const [row] = await db.query<{ answered_at: Date; cases_sealed: string }>(
    'SELECT answered_at, cases_sealed FROM case_remote_answers WHERE source_id = $1 AND question = $2',
    [sourceId, hashOf(question, encryption)],
  );
  if (!row) return undefined;
  const cases: Case[] = kept.parse(JSON.parse(encryption.open(row.cases_sealed)));
  return { at: row.answered_at, cases };
}

/** Keeps what was found; where nothing is any more, forgets what was. Whoever guesses leaves nothing behind. */
export async function keepAnswer(sourceId: number, question: Question, cases: Case[], deps: Deps): Promise<void> {
  const { db, encryption, clock } = deps;
  const key = [sourceId, hashOf(question, encryption)];
  if (cases.length === 0) await db.query('DELETE FROM case_remote_answers WHERE source_id = $1 AND question = $2', key);
  else
    await db.query(
      `INSERT INTO case_remote_answers AS a (source_id, question, answered_at, cases_sealed) VALUES ($1, $2, $3, $4)
       ON CONFLICT (source_id, question) DO UPDATE SET answered_at = excluded.answered_at, cases_sealed = excluded.cases_sealed
         WHERE a.answered_at <= excluded.answered_at`,
      [...key, clock.now(), encryption.seal(JSON.stringify(cases))],
    );
}

/** What is too old to stand in for anything. */
export async function forgetAnswers({ db, clock, settings }: Deps): Promise<void> {
  const { standInHours } = remoteSettings(settings);
  await db.query('DELETE FROM case_remote_answers WHERE answered_at < $1', [
    new Date(clock.millis() - standInHours * 3600_000),
  ]);
}

const hashOf = (question: Question, encryption: Deps['encryption']): string =>
  'document' in question
    ? documentHash(question.document, encryption)
    : encryption.blindIndex(`case-remote:${question.number}:${question.factor}`);
