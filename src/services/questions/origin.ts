import type { Origin } from '../../dialogue/contributions';
import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { sees, sightOf } from './scope';
import type { QuestionRow } from './tables';
import { selectQuestions } from './tables';

/** A question by its number, for a clerk who wants to make its answer known. */
export async function origin(number: string, caller: Staff, { db }: ServiceDeps): Promise<Origin | undefined> {
  const [question] = await db.query<QuestionRow>(`${selectQuestions} WHERE q.number = $1`, [number]);
  if (!question || !sees(sightOf(caller), question)) return undefined;
  return { organisationId: question.organisation_id, agreed: question.publishable };
}
