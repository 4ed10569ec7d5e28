import { answersTo } from '../../dialogue/contributions';
import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { suggestionsFor as cannedFor } from './canned';
import type { QuestionRow } from './tables';

const mostKnown = 3;

/** What a clerk may answer with: what other services know about the question, then canned answers. */
export async function suggestionsFor(question: QuestionRow, caller: Staff, deps: ServiceDeps) {
  const [known, canned] = await Promise.all([knownAbout(question, deps), cannedFor(question, caller, deps)]);
  return [...known, ...canned];
}

async function knownAbout({ account_id, openid, text }: QuestionRow, deps: ServiceDeps) {
  const account = deps.accounts.byId(account_id);
  if (!account) return [];
  const hits = await answersTo(text, { deps, account, openid, at: deps.clock.now() });
  return hits
    .flatMap(({ label, text, key, args }) =>
      text === undefined ? [] : [{ title: label, text, key: [key, ...Object.values(args ?? {})].join(':') }],
    )
    .slice(0, mostKnown);
}
