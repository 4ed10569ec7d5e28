import { answersTo } from '../../dialogue/contributions';
import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { type CannedRow, listCanned } from './canned';
import type { QuestionRow } from './tables';
import { termsOf } from './words';

const mostOfEach = 3;

/** What a clerk may answer with: what other services know about the question, then canned answers. */
export async function suggestionsFor(question: QuestionRow, caller: Staff, deps: ServiceDeps) {
  const [known, canned] = await Promise.all([knownAbout(question, deps), cannedAbout(question, caller, deps)]);
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
    .slice(0, mostOfEach);
}

/** The canned answers that share most with what was asked, filled in; none that shares nothing. */
async function cannedAbout(question: QuestionRow, caller: Staff, deps: ServiceDeps) {
  const asked = new Set(termsOf(question.text));
  const shared = ({ title, body }: CannedRow) => termsOf(`${title} ${body}`).filter((term) => asked.has(term)).length;
  return (await listCanned(caller, '', deps))
    .map((one) => ({ one, score: shared(one) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, mostOfEach)
    .map(({ one }) => ({ title: one.title, text: fill(one.body, question, caller), key: `canned:${one.id}` }));
}

/** What stands in {{…}} of a canned answer. */
function fill(body: string, question: QuestionRow, caller: Staff): string {
  const values: Record<string, string> = {
    // A follower's name is not known, and is not needed to be polite.
    citizenName: '市民朋友',
    number: question.number,
    organisation: question.organisation_title ?? '',
    staffName: caller.name,
  };
  return body.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}
