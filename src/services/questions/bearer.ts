import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import type { Queryable } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { id as questionId } from './contract';
import { type Bearer, readToken } from './link';
import { admit } from './page-limits';
import { type QuestionRow, questionById, selectQuestions } from './tables';

export const link = z.object({ token: z.string().max(500) });
export const one = link.extend({ question: z.string().regex(/^(Q\d{10,14}|\d{1,18})$/, '编号有误') });

type Called = { params: { token: string }; address: string };

/** @throws UserError 404 whatever is wrong with the link */
export async function bearerOf({ params, address }: Called, deps: ServiceDeps): Promise<Bearer> {
  await admit(address, deps);
  const bearer = readToken(params.token, deps);
  if (!bearer) throw notFound('这个页面，链接可能已经过期');
  return bearer;
}

/** A link about one question opens nothing else. */
export function mustBeForAll({ questionId: only }: Bearer): void {
  if (only !== null) throw notFound('这个页面，链接可能已经过期');
}

export async function ownOf(call: Called & { params: { question: string } }, deps: ServiceDeps): Promise<QuestionRow> {
  return own(deps.db, await bearerOf(call, deps), call.params.question);
}

/** By number or id, among what the link is for. @throws UserError 404 */
export async function own(on: Queryable, bearer: Bearer, named: string): Promise<QuestionRow> {
  const row = questionId.safeParse(named).success ? await questionById(on, named) : await byNumber(on, named);
  const theirs = row && row.account_id === bearer.accountId && row.openid === bearer.openid;
  if (!theirs || (bearer.questionId !== null && bearer.questionId !== row.id))
    throw notFound('这个页面，链接可能已经过期');
  return row;
}

async function byNumber(on: Queryable, number: string): Promise<QuestionRow | undefined> {
  const [row] = await on.query<QuestionRow>(`${selectQuestions} WHERE q.number = $1`, [number]);
  return row;
}
