import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServiceDeps } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';

/** Whom a link is for: everything of a citizen's with one account, or one question of theirs. */
export type Bearer = { accountId: number; openid: string; questionId: string | null };

/** Long enough for an answer that takes a month of working days to be read; short enough for a link that went astray. */
const lastsSeconds = 30 * 24 * 3600;
const signatureLength = 24;

export function linkToken({ accountId, openid, questionId }: Bearer, deps: Pick<ServiceDeps, 'encryption' | 'clock'>) {
  const until = Math.floor(deps.clock.millis() / 1000) + lastsSeconds;
  const claim = Buffer.from(JSON.stringify([accountId, openid, questionId ?? '', until])).toString('base64url');
  return `${claim}.${sign(claim, deps)}`;
}

/** Undefined for whatever is not a link of ours that still holds. */
export function readToken(
  token: string,
  deps: Pick<ServiceDeps, 'encryption' | 'clock' | 'signOuts'>,
): Bearer | undefined {
  const [claim = '', signature = ''] = token.split('.');
  const right = Buffer.from(sign(claim, deps));
  const given = Buffer.from(signature);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const [accountId, openid, questionId, until] = JSON.parse(Buffer.from(claim, 'base64url').toString()) as [
    number,
    string,
    string,
    number,
  ];
  if (until * 1000 < deps.clock.millis()) return undefined;
  if (!deps.signOuts.holds({ accountId, openid }, 'links', (until - lastsSeconds) * 1000)) return undefined;
  return { accountId, openid, questionId: questionId === '' ? null : questionId };
}

/** The page of one question, or that of all of a citizen's with a form to ask. */
export function linkFor(
  bearer: Bearer,
  deps: Pick<ServiceDeps, 'encryption' | 'clock' | 'publicUrl' | 'accounts'>,
): string {
  const page = bearer.questionId === null ? 'questions/ask' : 'questions';
  return citizenPage(deps, bearer.accountId, `/${page}/${linkToken(bearer, deps)}`);
}

const sign = (claim: string, { encryption }: Pick<ServiceDeps, 'encryption'>) =>
  createHmac('sha256', encryption.derive('question-link')).update(claim).digest('base64url').slice(0, signatureLength);
