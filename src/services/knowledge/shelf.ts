import { calledTitle } from '../../people/organisations';
import type { Database } from '../../platform/database';
import type { Events } from '../../platform/events';
import { createRemembered } from '../../platform/remembered';
import { knowledgeChanged } from './publish';
import { type Found, searchEntries } from './search';

export type Published = {
  id: string;
  question: string;
  answer: string;
  organisation: string;
  demo: boolean;
  publishedAt: Date;
};
export type Shelf = ReturnType<typeof createShelf>;

/** What is public and asked for, kept in memory; a change anywhere empties it. */
export function shelfOf({ db, events }: { db: Database; events: Events }): Shelf {
  let shelf = shelves.get(db);
  if (!shelf) {
    shelf = createShelf(db);
    shelves.set(db, shelf);
    events.subscribe(knowledgeChanged, shelf.empty);
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
    search: (text: string, organisationId: number, limit: number): Promise<Found[]> =>
      remember(`search ${organisationId} ${limit} ${text}`, () => searchEntries(text, organisationId, limit, db)),
    entry: (id: string) =>
      remember(`entry ${id}`, async () => (await db.query<Published>(`${select} WHERE p.entry_id = $1`, [id]))[0]),
    /** Newest first, those before an id. */
    list: (before: string | null, limit: number) =>
      remember(`list ${before} ${limit}`, () =>
        db.query<Published>(
          `${select} WHERE ($1::bigint IS NULL OR p.entry_id < $1) ORDER BY p.entry_id DESC LIMIT $2`,
          [before, limit],
        ),
      ),
    empty,
  };
}

const select = `
  SELECT p.entry_id::text AS id, p.title AS question, p.answer, ${calledTitle('o')} AS organisation, p.demo, p.published_at AS "publishedAt"
    FROM knowledge_published p JOIN organisations o ON o.id = p.organisation_id`;
