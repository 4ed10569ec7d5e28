import { lexiconVersion } from '../../dialogue/search/words';
import type { Clock } from '../../platform/clock';
import type { Database, Tx } from '../../platform/database';
import type { Events } from '../../platform/events';
import type { GuideFiles } from './files';
import { matterVector } from './index-entry';
import type { Matter, Office } from './matter';

type Deps = { db: Database; clock: Clock; events: Pick<Events, 'publish'> };
export type Source = 'demo' | 'import';
type Loaded = { source: Source; fingerprint: string; lexicon: string };

/** What every process is told when the guides have changed. */
export const guidesChanged = 'guides';

/** Two processes that load at once take turns. */
const loadLock = 7269020;

/**
 * Puts the guides of a folder in place of those in Postgres. Nothing happens where the same files are there already, and demo
 * data never replaces what a city has imported.
 */
export async function loadGuides(files: GuideFiles, source: Source, { db, clock, events }: Deps): Promise<boolean> {
  if (isCurrent(await loaded(db), files, source)) return false;
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [loadLock]);
    if (isCurrent(await loaded(tx), files, source)) return false;
    await tx.query('DELETE FROM guides_faq');
    await tx.query('DELETE FROM guides_matters');
    await tx.query('DELETE FROM guides_offices');
    await insertOffices(files.matters, tx);
    for (let from = 0; from < files.matters.length; from += portion)
      await insertMatters(files.matters.slice(from, from + portion), from, tx);
    await insertFaq(files, tx);
    await tx.query(
      `INSERT INTO guides_catalogue (source, fingerprint, lexicon, matters, loaded_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (one) DO UPDATE SET source = excluded.source, fingerprint = excluded.fingerprint,
         lexicon = excluded.lexicon, matters = excluded.matters, loaded_at = excluded.loaded_at`,
      [source, files.fingerprint, lexiconVersion(), files.matters.length, clock.now()],
    );
    await countWords(tx);
    await events.publish(guidesChanged, null, tx);
    return true;
  });
}

/** Makes the index anew where it was made with other words than this program knows: after a deploy. */
export async function reindexIfStale({ db, events }: Deps): Promise<boolean> {
  const stale = async (found: Loaded | undefined) => found !== undefined && found.lexicon !== lexiconVersion();
  if (!(await stale(await loaded(db)))) return false;
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [loadLock]);
    if (!(await stale(await loaded(tx)))) return false;
    for (let after = -1; ; ) {
      const rows = await tx.query<{ key: string; position: number; doc: Matter }>(
        'SELECT key, position, doc FROM guides_matters WHERE position > $1 ORDER BY position LIMIT $2',
        [after, portion],
      );
      if (rows.length === 0) break;
      after = rows.at(-1)!.position;
      await tx.query(
        `UPDATE guides_matters m SET search = fresh.search::tsvector
           FROM unnest($1::text[], $2::text[]) AS fresh (key, search) WHERE m.key = fresh.key`,
        [rows.map(({ key }) => key), rows.map(({ doc }) => matterVector(doc))],
      );
    }
    await tx.query('UPDATE guides_catalogue SET lexicon = $1', [lexiconVersion()]);
    await countWords(tx);
    await events.publish(guidesChanged, null, tx);
    return true;
  });
}

/** Rows written by one statement. */
const portion = 1000;

async function loaded(on: Pick<Database, 'query'>): Promise<Loaded | undefined> {
  return (await on.query<Loaded>('SELECT source, fingerprint, lexicon FROM guides_catalogue'))[0];
}

function isCurrent(found: Loaded | undefined, { fingerprint }: GuideFiles, source: Source): boolean {
  if (!found) return false;
  if (source === 'demo' && found.source === 'import') return true;
  return found.source === source && found.fingerprint === fingerprint && found.lexicon === lexiconVersion();
}

async function insertOffices(matters: Matter[], tx: Tx): Promise<void> {
  const offices = new Map<string, Office & { position: number; matters: number }>();
  for (const { officeKey: key, office: title, organisation } of matters) {
    const known = offices.get(key);
    if (known) known.matters++;
    else offices.set(key, { key, title, organisation, position: offices.size, matters: 1 });
  }
  await tx.query(
    `INSERT INTO guides_offices (key, title, organisation, position, matters)
     SELECT key, title, organisation, position, matters
       FROM jsonb_to_recordset($1::jsonb) AS o (key text, title text, organisation text, position int, matters int)`,
    [JSON.stringify([...offices.values()])],
  );
}

async function insertMatters(matters: Matter[], from: number, tx: Tx): Promise<void> {
  const rows = matters.map((matter, index) => ({
    key: matter.key,
    office_key: matter.officeKey,
    position: from + index,
    title: matter.title,
    hot: matter.hot ?? null,
    aliases: matter.aliases,
    doc: matter,
    search: matterVector(matter),
  }));
  await tx.query(
    `INSERT INTO guides_matters (key, office_key, position, title, hot, aliases, doc, search)
     SELECT key, office_key, position, title, hot, aliases, doc, search::tsvector
       FROM jsonb_to_recordset($1::jsonb) AS m
         (key text, office_key text, position int, title text, hot int, aliases text[], doc jsonb, search text)`,
    [JSON.stringify(rows)],
  );
}

async function insertFaq({ faq }: GuideFiles, tx: Tx): Promise<void> {
  await tx.query(
    `INSERT INTO guides_faq (position, question, answer, matter_key)
     SELECT position, question, answer, matter
       FROM jsonb_to_recordset($1::jsonb) AS f (position int, question text, answer text, matter text)`,
    [JSON.stringify(faq.map((entry, position) => ({ position, ...entry })))],
  );
}

async function countWords(tx: Tx): Promise<void> {
  await tx.query('DELETE FROM guides_words');
  await tx.query(
    `INSERT INTO guides_words (word, matters) SELECT word, ndoc FROM ts_stat('SELECT search FROM guides_matters')`,
  );
  // Otherwise Postgres would plan for the tables as they were until it looks by itself.
  await tx.query('ANALYZE guides_matters, guides_words, guides_catalogue');
}
