import { LRUCache } from 'lru-cache';
import { answersTo } from '../../dialogue/contributions';
import { wordsAsked, wordsOf } from '../../dialogue/search/words';
import type { ServiceDeps } from '../../dialogue/service';
import type { Staff } from '../../people/staff';
import { listCanned } from './canned';
import type { QuestionRow } from './tables';

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

/** The canned answers that share most words with what was asked, filled in; none whose title is about something else. */
async function cannedAbout(question: QuestionRow, caller: Staff, deps: ServiceDeps) {
  const asked = wordsAsked(question.text);
  const shared = (text: string) => asked.filter(({ word }) => wordsIn(text).has(word));
  return (await listCanned(caller, '', deps))
    .filter(({ title }) => shared(title).some(({ topic }) => topic))
    .map((one) => ({ one, score: shared(`${one.title} ${one.body.replace(blank, ' ')}`).length }))
    .sort((a, b) => b.score - a.score)
    .slice(0, mostOfEach)
    .map(({ one }) => ({ title: one.title, text: fill(one.body, question, caller), key: `canned:${one.id}` }));
}

/** Cutting two hundred texts into words takes longer than all the rest of a thread. */
const cut = new LRUCache<string, ReadonlySet<string>>({ max: 4000 });

function wordsIn(text: string): ReadonlySet<string> {
  const words = cut.get(text) ?? new Set(wordsOf(text));
  cut.set(text, words);
  return words;
}

const blank = /\{\{\s*(\w+)\s*\}\}/g;

/** What stands in {{…}} of a canned answer. */
function fill(body: string, question: QuestionRow, caller: Staff): string {
  const values: Record<string, string> = {
    // A follower's name is not known, and is not needed to be polite.
    citizenName: '市民朋友',
    number: question.number,
    organisation: question.organisation_title ?? '',
    staffName: caller.name,
  };
  return body.replace(blank, (whole, name: string) => values[name] ?? whole);
}
