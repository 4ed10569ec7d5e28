import { z } from 'zod';
import type { CaseSource, SourceRow } from '../source';
import { askRemote, type Question, type Remote, type RemoteDeps } from './ask';
import { descriptionContract } from './description';
import { keepAnswer, lastAnswer } from './last-answers';
import { remoteSettings } from './settings';

export type { RemoteDeps } from './ask';

/** What `case_sources.settings` holds for a back end. */
export const storedContract = z.object({ description: descriptionContract, secretSealed: z.string().nullable() });
export type Stored = z.output<typeof storedContract>;

export const remoteOf = ({ id, key, settings }: SourceRow, { encryption }: Pick<RemoteDeps, 'encryption'>): Remote => {
  const { description, secretSealed } = storedContract.parse(settings);
  return { id, key, description, secret: secretSealed === null ? '' : encryption.open(secretSealed) };
};

/** The back end of an office, asked at the moment that somebody wants to know. */
export function remoteSource(row: SourceRow, deps: RemoteDeps): CaseSource {
  const ask = async (question: Question, signal: AbortSignal) => {
    const { freshSeconds } = remoteSettings(deps.settings);
    const last = await lastAnswer(row.id, question, deps);
    if (last && deps.clock.millis() - last.at.getTime() < freshSeconds * 1000) return last.cases;
    const cases = await askRemote(remoteOf(row, deps), question, signal, deps);
    await keepAnswer(row.id, question, cases, deps);
    return cases;
  };
  const standIn = async (question: Question) => {
    const { standInHours } = remoteSettings(deps.settings);
    const last = await lastAnswer(row.id, question, deps);
    if (!last || deps.clock.millis() - last.at.getTime() > standInHours * 3600_000) return [];
    return last.cases.map((one) => ({ ...one, asOf: { at: last.at, office: row.title } }));
  };
  return {
    id: row.id,
    title: row.title,
    byNumber: async (number, factor, signal) => (await ask({ number, factor }, signal))[0],
    ofPerson: (document, signal) => ask({ document }, signal),
    lastKnown: {
      byNumber: async (number, factor) => (await standIn({ number, factor }))[0],
      ofPerson: (document) => standIn({ document }),
    },
  };
}
