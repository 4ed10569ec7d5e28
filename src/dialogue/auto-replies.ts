import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Texts } from '../delivery/texts';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database';
import type { Events } from '../platform/events';
import type { Log } from '../platform/log';
import { StartupError } from '../platform/startup-error';
import { type AutoReplyRules, autoReplyRules, fold, matches, ruleFault, type StoredRule } from './auto-reply-rules';

const shipped = z.strictObject({
  match: z.enum(matches),
  patterns: z.array(z.string().min(1).max(200)).min(1),
  reply: z.string(),
  /** a matter of life and limb: answered before an open flow */
  urgent: z.boolean().default(false),
});

/** What to answer with: one of the texts, or words of the rule's own. */
export type AutoReply = { textKey: string } | { rule: number; words: string };

export type AutoReplies = {
  /** An account's own rules go before those of all accounts. */
  find(said: string, accountId: number): AutoReply | undefined;
  /** The same among those that go before an open flow. */
  findUrgent(said: string, accountId: number): AutoReply | undefined;
  rules: AutoReplyRules;
  reload(): Promise<void>;
};

/** Regular expressions run on RE2's automaton: linear in the text whatever an operator wrote, so their time is bounded by the text's length. */
const longestText = 2000;

type Compiled = { words: Map<string, AutoReply>; contains: [string, AutoReply][]; regexes: [RE2JS, AutoReply][] };

type AutoReplyDeps = { db: Database; events: Events; log: Log; clock: Clock; texts: Texts; file: string };

/**
 * Automatic replies on what citizens say. The rules shipped in templates/autoreplies.yaml are stored once; from then on
 * the table is what counts.
 */
export async function openAutoReplies(deps: AutoReplyDeps): Promise<AutoReplies> {
  const { db, events, log, texts } = deps;
  await loadOnce(deps);
  const rules = autoReplyRules(deps);
  let all = new Map<number, Compiled>();
  let urgent = new Map<number, Compiled>();
  const reload = async () => {
    // One that cannot be used must take neither the others along nor the next start.
    const usable = (await rules.list(db)).filter((rule) => {
      const fault = ruleFault(rule, texts);
      if (fault) log.warn({ pattern: rule.pattern, fault }, 'an automatic reply is left out');
      return fault === undefined;
    });
    all = compile(usable);
    urgent = compile(usable.filter((rule) => rule.urgent));
  };
  await events.follow('auto-replies', reload);
  const search = (compiled: Map<number, Compiled>, said: string, accountId: number) => {
    const folded = fold(said.slice(0, longestText));
    return match(compiled.get(accountId), folded) ?? match(compiled.get(0), folded);
  };
  return {
    find: (said, accountId) => search(all, said, accountId),
    findUrgent: (said, accountId) => search(urgent, said, accountId),
    rules,
    reload,
  };
}

function compile(rules: StoredRule[]): Map<number, Compiled> {
  const byAccount = new Map<number, Compiled>();
  for (const { id, accountId, match: how, pattern, textKey, body } of rules) {
    const compiled: Compiled = byAccount.get(accountId) ?? { words: new Map(), contains: [], regexes: [] };
    byAccount.set(accountId, compiled);
    const reply: AutoReply = textKey === null ? { rule: id, words: body ?? '' } : { textKey };
    if (how === 'word') compiled.words.set(pattern.toLowerCase(), reply);
    else if (how === 'contains') compiled.contains.push([pattern.toLowerCase(), reply]);
    else compiled.regexes.push([RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE), reply]);
  }
  return byAccount;
}

function match(compiled: Compiled | undefined, said: string): AutoReply | undefined {
  return (
    compiled?.words.get(said) ??
    compiled?.contains.find(([part]) => said.includes(part))?.[1] ??
    compiled?.regexes.find(([regex]) => regex.matcher(said).find())?.[1]
  );
}

/** Once for good: an operator who removes them all wants them gone. */
async function loadOnce({ db, clock, texts, file }: AutoReplyDeps): Promise<void> {
  const parsed = z.array(shipped).safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new StartupError(`${file} 有误：${z.prettifyError(parsed.error)}`);
  for (const { reply, match, patterns, urgent } of parsed.data) {
    for (const pattern of patterns) {
      const fault = ruleFault({ match, pattern, urgent, textKey: reply, body: null }, texts);
      if (fault) throw new StartupError(`${file} 中的 ${pattern}：${fault}`);
    }
  }
  await db.query(
    `WITH first AS (
       INSERT INTO settings (key, value, updated_at) VALUES ('auto-replies.loaded', 'true', $2)
       ON CONFLICT DO NOTHING RETURNING key)
     INSERT INTO auto_replies (account_id, match, pattern, text_key, urgent, position)
     SELECT 0, match, pattern, reply, urgent, position
       FROM first, jsonb_to_recordset($1::jsonb) AS r (match text, pattern text, reply text, urgent boolean, position int)
     ON CONFLICT DO NOTHING`,
    [
      JSON.stringify(
        parsed.data.flatMap(({ patterns, ...rule }, position) =>
          patterns.map((pattern) => ({ ...rule, pattern, position })),
        ),
      ),
      clock.now(),
    ],
  );
}
