import type { ServiceDeps } from '../../dialogue/service';
import type { PlaceFile } from './place';

/** What every process is told when the places have changed. */
export const placesChanged = 'nearby-places';

/** Puts the places of a file in place of those that are there. Demo data never replaces what a city has imported, nor loads twice. */
export async function loadPlaces(
  { districts, places }: PlaceFile,
  { demo }: { demo: boolean },
  { db, clock, events }: Pick<ServiceDeps, 'db' | 'clock' | 'events'>,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('LOCK TABLE nearby_places IN SHARE ROW EXCLUSIVE MODE');
    if (demo && (await tx.query('SELECT 1 FROM nearby_places LIMIT 1')).length > 0) return;
    await tx.query('DELETE FROM nearby_places');
    const rows = places.map((place, position) => ({
      key: place.key,
      position,
      district: place.district,
      district_position: districts.indexOf(place.district),
      doc: place,
    }));
    await tx.query(
      `INSERT INTO nearby_places (key, position, district, district_position, demo, doc, loaded_at)
       SELECT key, position, district, district_position, $2, doc, $3
         FROM jsonb_to_recordset($1::jsonb) AS p (key text, position int, district text, district_position int, doc jsonb)`,
      [JSON.stringify(rows), demo, clock.now()],
    );
    await events.publish(placesChanged, null, tx);
  });
}
