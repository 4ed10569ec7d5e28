import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../../platform/clock';
import type { Database, Tx } from '../../platform/database';
import type { Events } from '../../platform/events';
import { StartupError } from '../../platform/startup-error';
import { entryVector, hashOf } from './entry';
import { countWords, knowledgeChanged } from './publish';

const line = (most: number) => z.string().trim().min(1).max(most);
const fileShape = z.strictObject({
  /** key of the organisation that answers for it */
  organisation: line(60),
  entries: z.array(z.strictObject({ q: line(60), a: line(1000), also: z.array(line(60)).default([]) })).min(1),
});
export type FiledEntry = { organisation: string; question: string; answer: string; aliases: string[] };

/** Reads a folder of entries, one organisation a file. @throws StartupError that says which file is wrong */
export function readEntryFiles(folder: string): FiledEntry[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  return files.flatMap((name) => {
    const parsed = fileShape.safeParse(parse(readFileSync(path.join(folder, name), 'utf8')));
    if (!parsed.success) throw new StartupError(`常见问答 ${name} 有误：${parsed.error.message}`);
    const { organisation, entries } = parsed.data;
    return entries.map(({ q, a, also }) => ({ organisation, question: q, answer: a, aliases: also }));
  });
}

const portion = 1000;
type Deps = { db: Database; clock: Clock; events: Pick<Events, 'publish'> };

/** Publishes demo entries as if they had been reviewed; those there already stay, changed and withdrawn ones too. */
export async function loadEntries(filed: FiledEntry[], { db, clock, events }: Deps): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx.query<{ key: string; id: number }>('SELECT key, id FROM organisations');
    const ids = new Map(rows.map(({ key, id }) => [key, id]));
    let added = 0;
    for (let from = 0; from < filed.length; from += portion)
      added += await insert(tx, filed.slice(from, from + portion), ids, clock.now());
    if (added === 0) return;
    await countWords(tx);
    await events.publish(knowledgeChanged, null, tx);
  });
}

async function insert(tx: Tx, filed: FiledEntry[], ids: Map<string, number>, at: Date): Promise<number> {
  const rows = filed.map(({ organisation, ...entry }, position) => ({
    ...entry,
    position,
    organisation: ids.get(organisation),
    origin: `demo:${createHash('sha256').update(`${organisation} ${entry.question}`).digest('hex').slice(0, 16)}`,
    hash: hashOf({ ...entry, basis: 'generalised', cleared: [] }),
    search: entryVector(entry),
  }));
  const added = await tx.query(
    `WITH filed AS MATERIALIZED (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS f
         (position int, organisation int, question text, answer text, aliases text[], origin text, hash text, search text)
     ), entry AS (
       INSERT INTO knowledge_entries (organisation_id, status, question, answer, aliases, basis, origin, demo, authors,
                                      live_version, changed_at, search)
       SELECT organisation, 'published', question, answer, aliases, 'generalised', origin, true, '{}', 1, $2, search::tsvector
         FROM filed f
        WHERE organisation IS NOT NULL AND NOT EXISTS (SELECT 1 FROM knowledge_entries e WHERE e.origin = f.origin)
        ORDER BY position
       ON CONFLICT DO NOTHING RETURNING id, origin
     ), version AS (
       INSERT INTO knowledge_versions (entry_id, version, question, answer, aliases, basis, cleared, hash, authors, submitted_at,
                                       outcome, reviewed_at, note)
       SELECT id, 1, question, answer, aliases, 'generalised', '{}', hash, '{}', $2, 'approved', $2, '演示数据'
         FROM entry JOIN filed USING (origin)
     )
     INSERT INTO knowledge_published (entry_id, version, organisation_id, title, aliases, answer, demo, published_at, search)
     SELECT id, 1, organisation, question, aliases, answer, true, $2, search::tsvector FROM entry JOIN filed USING (origin) RETURNING 1`,
    [JSON.stringify(rows), at],
  );
  return added.length;
}
