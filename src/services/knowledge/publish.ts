import { lexiconVersion } from '../../dialogue/search/words';
import type { Database, Tx } from '../../platform/database';
import type { Events } from '../../platform/events';
import { type Content, entryVector } from './entry';

/** What every process is told when something was published or put away. */
export const knowledgeChanged = 'knowledge';

/** Whoever changes the counts takes turns. */
const countLock = 7269021;

type Fresh = Content & { id: string; version: number; organisation_id: number; demo: boolean; at: Date };

/** Puts an approved version before the public, in place of the one before it. */
export async function putOut(tx: Tx, fresh: Fresh, events: Pick<Events, 'publish'>): Promise<void> {
  await take(tx, fresh.id);
  await tx.query(
    `INSERT INTO knowledge_published (entry_id, version, organisation_id, title, aliases, answer, demo, published_at, search)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::tsvector)`,
    [
      fresh.id,
      fresh.version,
      fresh.organisation_id,
      fresh.question,
      fresh.aliases,
      fresh.answer,
      fresh.demo,
      fresh.at,
      entryVector(fresh),
    ],
  );
  await tx.query(
    `INSERT INTO knowledge_words AS w (word, entries)
     SELECT unnest(tsvector_to_array(search)), 1 FROM knowledge_published WHERE entry_id = $1
     ON CONFLICT (word) DO UPDATE SET entries = w.entries + 1`,
    [fresh.id],
  );
  await tx.query('UPDATE knowledge_catalogue SET entries = entries + 1');
  await events.publish(knowledgeChanged, null, tx);
}

/** The public does not see it any more. */
export async function takeBack(tx: Tx, id: string, events: Pick<Events, 'publish'>): Promise<void> {
  await take(tx, id);
  await events.publish(knowledgeChanged, null, tx);
}

async function take(tx: Tx, id: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [countLock]);
  const [gone] = await tx.query<{ words: string[] }>(
    'DELETE FROM knowledge_published WHERE entry_id = $1 RETURNING tsvector_to_array(search) AS words',
    [id],
  );
  if (!gone) return;
  await tx.query('DELETE FROM knowledge_words WHERE word = ANY ($1) AND entries = 1', [gone.words]);
  await tx.query('UPDATE knowledge_words SET entries = entries - 1 WHERE word = ANY ($1)', [gone.words]);
  await tx.query('UPDATE knowledge_catalogue SET entries = entries - 1');
}

/** Makes the index anew where it was made with other words than this program knows: after a deploy. */
export async function reindexIfStale({
  db,
  events,
}: {
  db: Database;
  events: Pick<Events, 'publish'>;
}): Promise<boolean> {
  const stale = async (on: Pick<Database, 'query'>) =>
    (await on.query<{ lexicon: string }>('SELECT lexicon FROM knowledge_catalogue'))[0]!.lexicon !== lexiconVersion();
  if (!(await stale(db))) return false;
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [countLock]);
    if (!(await stale(tx))) return false;
    await reindex(tx, 'knowledge_published', 'entry_id', 'title');
    await reindex(tx, 'knowledge_entries', 'id', 'question');
    await countWords(tx);
    await events.publish(knowledgeChanged, null, tx);
    return true;
  });
}

async function reindex(tx: Tx, table: string, key: string, question: string): Promise<void> {
  for (let after = '0'; ; ) {
    const rows = await tx.query<Pick<Content, 'question' | 'answer' | 'aliases'> & { id: string }>(
      `SELECT ${key}::text AS id, ${question} AS question, answer, aliases FROM ${table}
        WHERE ${key} > $1 ORDER BY ${table}.${key} LIMIT 1000`,
      [after],
    );
    if (rows.length === 0) return;
    after = rows.at(-1)!.id;
    await tx.query(
      `UPDATE ${table} t SET search = fresh.search::tsvector
         FROM unnest($1::bigint[], $2::text[]) AS fresh (id, search) WHERE t.${key} = fresh.id`,
      [rows.map(({ id }) => id), rows.map(entryVector)],
    );
  }
}

/** All counts from what is published: after many entries at once, or with other words. */
export async function countWords(tx: Tx): Promise<void> {
  await tx.query('DELETE FROM knowledge_words');
  await tx.query(
    `INSERT INTO knowledge_words (word, entries) SELECT word, ndoc FROM ts_stat('SELECT search FROM knowledge_published')`,
  );
  await tx.query('UPDATE knowledge_catalogue SET entries = (SELECT count(*) FROM knowledge_published), lexicon = $1', [
    lexiconVersion(),
  ]);
  // Otherwise Postgres would plan for the tables as they were until it looks by itself.
  await tx.query('ANALYZE knowledge_published, knowledge_words, knowledge_catalogue');
}
