import type { ServiceDeps } from '../../dialogue/service';
import type { Database } from '../../platform/database';
import { createRemembered, type Remembered } from '../../platform/remembered';
import { placesChanged } from './load';
import type { Place } from './place';

export type Shelf = { demo: boolean; districts: string[]; places: Place[] };

/** All places of a city are a few hundred, and are kept in memory until one changes. */
export function shelfOf({ db, events }: Pick<ServiceDeps, 'db' | 'events'>): Promise<Shelf> {
  let known = shelves.get(db);
  if (!known) {
    known = createRemembered(1);
    shelves.set(db, known);
    events.subscribe(placesChanged, known.empty);
    events.subscribe('reconnected', known.empty);
  }
  return known.remember('all', () => readShelf(db));
}

const shelves = new WeakMap<Database, Remembered>();

async function readShelf(db: Database): Promise<Shelf> {
  const rows = await db.query<{ district: string; demo: boolean; doc: Place }>(
    `SELECT district, demo, doc FROM nearby_places WHERE NOT doc ? 'hidden' ORDER BY district_position, position`,
  );
  return {
    demo: rows.some(({ demo }) => demo),
    districts: [...new Set(rows.map(({ district }) => district))],
    places: rows.map(({ doc }) => doc),
  };
}
