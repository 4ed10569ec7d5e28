import type { Database } from '../../platform/database';
import type { Events } from '../../platform/events';
import { createRemembered } from '../../platform/remembered';
import { guidesChanged } from './load';
import type { FaqEntry, Matter, Office } from './matter';
import { type Found, searchMatters } from './search';

export type Listed = { key: string; title: string; summary: string; office: string; officeKey: string };
export type Shelf = ReturnType<typeof createShelf>;

/** What is read most often, kept in memory so that a tap on the menu needs no query; a change anywhere empties it. */
export function shelfOf({ db, events }: { db: Database; events: Events }): Shelf {
  let shelf = shelves.get(db);
  if (!shelf) {
    shelf = createShelf(db);
    shelves.set(db, shelf);
    events.subscribe(guidesChanged, shelf.empty);
    events.subscribe('reconnected', shelf.empty);
  }
  return shelf;
}

const shelves = new WeakMap<Database, Shelf>();
/** Of some 3 KB each. */
const kept = 3000;

function createShelf(db: Database) {
  const { remember, empty } = createRemembered(kept);
  return {
    remember,
    matter: (key: string) =>
      remember(`matter ${key}`, async () => {
        const [row] = await db.query<{ doc: Matter }>('SELECT doc FROM guides_matters WHERE key = $1', [key]);
        return row?.doc;
      }),
    hot: () =>
      remember('hot', () =>
        db.query<Listed>(`SELECT ${listed} FROM guides_matters WHERE hot IS NOT NULL ORDER BY hot, position LIMIT 10`),
      ),
    offices: () =>
      remember('offices', () =>
        db.query<Office & { matters: number }>(
          'SELECT key, title, organisation, matters FROM guides_offices ORDER BY position',
        ),
      ),
    /** Matters after a position, of one office or of all. */
    list: (office: string | null, after: number, limit: number) =>
      remember(`list ${office ?? ''} ${after} ${limit}`, () =>
        db.query<Listed & { position: number }>(
          `SELECT position, ${listed} FROM guides_matters
            WHERE position > $1 ${office === null ? '' : 'AND office_key = $3'} ORDER BY position LIMIT $2`,
          office === null ? [after, limit] : [after, limit, office],
        ),
      ),
    faq: () =>
      remember('faq', () =>
        db.query<FaqEntry & { position: number }>(
          'SELECT position, question, answer, matter_key AS matter FROM guides_faq ORDER BY position',
        ),
      ),
    /** Whether what is loaded is openly made up, and how much there is. */
    catalogue: () =>
      remember('catalogue', async () => {
        const [row] = await db.query<{ demo: boolean; matters: number }>(
          `SELECT source = 'demo' AS demo, matters FROM guides_catalogue`,
        );
        return row ?? { demo: false, matters: 0 };
      }),
    search: (text: string, limit: number): Promise<Found[]> =>
      remember(`search ${limit} ${text}`, () => searchMatters(text, limit, db)),
    empty,
  };
}

const listed = `key, title, doc ->> 'summary' AS summary, doc ->> 'office' AS office, office_key AS "officeKey"`;
