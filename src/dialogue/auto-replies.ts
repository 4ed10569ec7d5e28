import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Texts } from '../delivery/texts';
import type { Database } from '../platform/database';
import type { Events } from '../platform/events';
import type { Log } from '../platform/log';
import { StartupError } from '../platform/startup-error';

/** How what was said is compared: all of it is the word; it contains the word; a regular expression finds something in it. */
const rule = z.strictObject({
  match: z.enum(['word', 'contains', 'regex']),
  patterns: z.array(z.string().min(1).max(200)).min(1),
  reply: z.string(),
  /** a matter of life and limb: answered before an open flow */
  urgent: z.boolean().default(false),
});

export type AutoReplies = {
  /** Key of the text to answer with: an account's own rules go before those of all accounts. */
  find(said: string, accountId: number): string | undefined;
  /** The same among those that go before an open flow. */
  findUrgent(said: string, accountId: number): string | undefined;
};

/** Regular expressions run on RE2's automaton: linear in the text whatever an operator wrote, so their time is bounded by the text's length. */
const longestText = 2000;

type Row = {
  account_id: number;
  match: 'word' | 'contains' | 'regex';
  pattern: string;
  text_key: string;
  urgent: boolean;
};
type Compiled = { words: Map<string, string>; contains: [string, string][]; regexes: [RE2JS, string][] };

type AutoReplyDeps = { db: Database; events: Events; log: Log; texts: Texts; file: string };

/**
 * Automatic replies on what citizens say. The rules shipped in templates/autoreplies.yaml are stored once; from then on
 * the table is what counts.
 */
export async function openAutoReplies({ db, events, log, texts, file }: AutoReplyDeps): Promise<AutoReplies> {
  await loadOnce(db, texts, file);
  let all = new Map<number, Compiled>();
  let urgent = new Map<number, Compiled>();
  const reload = async () => {
    const rows = await db.query<Row>(
      'SELECT account_id, match, pattern, text_key, urgent FROM auto_replies ORDER BY position, id',
    );
    // One that cannot be used must take neither the others along nor the next start.
    const usable = rows.filter((row) => {
      const fault = faultOf(row, texts);
      if (fault) log.warn({ pattern: row.pattern, fault }, 'an automatic reply is left out');
      return fault === undefined;
    });
    all = compile(usable);
    urgent = compile(usable.filter((row) => row.urgent));
  };
  await reload();
  events.subscribe('auto-replies', reload);
  events.subscribe('reconnected', reload);
  const search = (rules: Map<number, Compiled>, said: string, accountId: number) => {
    const folded = said
      .slice(0, longestText)
      .toLowerCase()
      .replace(/[\s。.!！?？~～]+$/u, '');
    return match(rules.get(accountId), folded) ?? match(rules.get(0), folded);
  };
  return {
    find: (said, accountId) => search(all, said, accountId),
    findUrgent: (said, accountId) => search(urgent, said, accountId),
  };
}

function compile(rows: Row[]): Map<number, Compiled> {
  const byAccount = new Map<number, Compiled>();
  for (const { account_id, match: how, pattern, text_key } of rows) {
    const compiled: Compiled = byAccount.get(account_id) ?? { words: new Map(), contains: [], regexes: [] };
    byAccount.set(account_id, compiled);
    if (how === 'word') compiled.words.set(pattern.toLowerCase(), text_key);
    else if (how === 'contains') compiled.contains.push([pattern.toLowerCase(), text_key]);
    else compiled.regexes.push([RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE), text_key]);
  }
  return byAccount;
}

function match(compiled: Compiled | undefined, said: string): string | undefined {
  return (
    compiled?.words.get(said) ??
    compiled?.contains.find(([part]) => said.includes(part))?.[1] ??
    compiled?.regexes.find(([regex]) => regex.matcher(said).find())?.[1]
  );
}

async function loadOnce(db: Database, texts: Texts, file: string): Promise<void> {
  const parsed = z.array(rule).safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new StartupError(`${file} 有误：${z.prettifyError(parsed.error)}`);
  for (const { reply, match, patterns } of parsed.data) {
    for (const pattern of patterns) {
      const fault = faultOf({ match, pattern, text_key: reply }, texts);
      if (fault) throw new StartupError(`${file} 中的 ${pattern}：${fault}`);
    }
  }
  await db.query(
    `INSERT INTO auto_replies (account_id, match, pattern, text_key, urgent, position)
     SELECT 0, match, pattern, reply, urgent, position
       FROM jsonb_to_recordset($1::jsonb) AS r (match text, pattern text, reply text, urgent boolean, position int)
      WHERE NOT EXISTS (SELECT FROM auto_replies)
     ON CONFLICT DO NOTHING`,
    [
      JSON.stringify(
        parsed.data.flatMap(({ patterns, ...rule }, position) =>
          patterns.map((pattern) => ({ ...rule, pattern, position })),
        ),
      ),
    ],
  );
}

function faultOf(
  { match: how, pattern, text_key }: Omit<Row, 'account_id' | 'urgent'>,
  texts: Texts,
): string | undefined {
  if (!texts.has(text_key)) return `没有模板 ${text_key}`;
  if (how !== 'regex') return undefined;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return `正则表达式有误，${(error as Error).message}`;
  }
}
