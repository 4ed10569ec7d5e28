import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Texts } from '../delivery/texts';
import type { Database } from '../platform/database';
import type { Events } from '../platform/events';
import { StartupError } from '../platform/startup-error';

/** How what was said is compared: all of it is the word; it contains the word; a regular expression finds something in it. */
const rule = z.strictObject({
  match: z.enum(['word', 'contains', 'regex']),
  patterns: z.array(z.string().min(1).max(200)).min(1),
  reply: z.string(),
});

export type AutoReplies = { find(said: string, accountId: number): string | undefined };

/** Regular expressions run on RE2's automaton: linear in the text whatever an operator wrote, so their time is bounded by the text's length. */
const longestText = 2000;

type Compiled = { words: Map<string, string>; contains: [string, string][]; regexes: [RE2JS, string][] };

/**
 * Automatic replies on what citizens say. The rules shipped in templates/autoreplies.yaml are stored once; from then on
 * the table is what counts.
 */
export async function openAutoReplies({
  db,
  events,
  texts,
  file,
}: {
  db: Database;
  events: Events;
  texts: Texts;
  file: string;
}): Promise<AutoReplies> {
  await loadOnce(db, texts, file);
  let byAccount = new Map<number, Compiled>();
  const reload = async () => {
    const rows = await db.query<{
      account_id: number;
      match: 'word' | 'contains' | 'regex';
      pattern: string;
      text_key: string;
    }>('SELECT account_id, match, pattern, text_key FROM auto_replies ORDER BY position, id');
    const fresh = new Map<number, Compiled>();
    for (const row of rows) {
      const compiled: Compiled = fresh.get(row.account_id) ?? { words: new Map(), contains: [], regexes: [] };
      fresh.set(row.account_id, compiled);
      if (row.match === 'word') compiled.words.set(row.pattern.toLowerCase(), row.text_key);
      else if (row.match === 'contains') compiled.contains.push([row.pattern.toLowerCase(), row.text_key]);
      else compiled.regexes.push([RE2JS.compile(row.pattern, RE2JS.CASE_INSENSITIVE), row.text_key]);
    }
    byAccount = fresh;
  };
  await reload();
  events.subscribe('auto-replies', reload);
  events.subscribe('reconnected', reload);
  const search = (compiled: Compiled | undefined, said: string) =>
    compiled &&
    (compiled.words.get(said) ??
      compiled.contains.find(([part]) => said.includes(part))?.[1] ??
      compiled.regexes.find(([regex]) => regex.matcher(said).find())?.[1]);
  return {
    /** Key of the text to answer with: an account's own rules go before those of all accounts. */
    find: (said, accountId) => {
      const folded = said.slice(0, longestText).toLowerCase();
      return search(byAccount.get(accountId), folded) ?? search(byAccount.get(0), folded);
    },
  };
}

async function loadOnce(db: Database, texts: Texts, file: string): Promise<void> {
  const parsed = z.array(rule).safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new StartupError(`${file} 有误：${z.prettifyError(parsed.error)}`);
  for (const { reply, match, patterns } of parsed.data) {
    if (!texts.has(reply)) throw new StartupError(`${file} 引用了不存在的模板 ${reply}`);
    if (match === 'regex') for (const pattern of patterns) checkRegex(pattern, file);
  }
  await db.query(
    `INSERT INTO auto_replies (account_id, match, pattern, text_key, position)
     SELECT 0, match, pattern, reply, position FROM jsonb_to_recordset($1::jsonb) AS r (match text, pattern text, reply text, position int)
      WHERE NOT EXISTS (SELECT FROM auto_replies)
     ON CONFLICT DO NOTHING`,
    [
      JSON.stringify(
        parsed.data.flatMap(({ match, patterns, reply }, position) =>
          patterns.map((pattern) => ({ match, pattern, reply, position })),
        ),
      ),
    ],
  );
}

function checkRegex(pattern: string, file: string): void {
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    throw new StartupError(`${file} 的正则 ${pattern} 有误：${(error as Error).message}`);
  }
}
