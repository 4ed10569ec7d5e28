import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ServiceDeps } from '../../dialogue/service';
import { calledTitle, prefixes, rootKey } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable, Tx } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { placesChanged } from './load';
import type { Place } from './place';

/** Who keeps the places that citizens are sent to. */
export const editors = ['operator'] as const satisfies readonly StaffRole[];

type Who = { caller: Staff; address: string };
type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'events'>;
export type Written = Omit<Place, 'key' | 'hidden'>;
type Row = { doc: Place; demo: boolean; organisationId: number; organisationTitle: string };

const within = (caller: Staff) => prefixes(scopeOf(caller, editors));
/** A place is its organisation's; the city's where it names none, or one that is there no more. */
const select = `SELECT p.doc, p.demo, o.id AS "organisationId", ${calledTitle('o')} AS "organisationTitle"
  FROM nearby_places p JOIN organisations o ON o.key = coalesce(
    (SELECT own.key FROM organisations own WHERE own.key = p.doc ->> 'organisation'), '${rootKey}')
 WHERE o.path LIKE ANY ($1)`;

/** The caller's, as citizens have them listed, the hidden ones in their places. */
export async function listPlaces(
  on: Queryable,
  caller: Staff,
  { search, after, limit }: { search: string; after: number; limit: number },
) {
  const rows = await on.query<Row>(
    `${select} AND strpos(concat_ws(' ', p.doc ->> 'title', p.doc ->> 'address', p.district), $2) > 0
      ORDER BY p.district_position, p.position, p.key LIMIT $3 OFFSET $4`,
    [within(caller), search, limit, after],
  );
  return rows.map(shown);
}

/** @throws UserError 404 */
export const placeFor = async (on: Queryable, caller: Staff, key: string) => shown(await rowFor(on, caller, key));

/** What a place may belong to: the caller's own and those below; to nobody in particular only where that is the whole city. */
export const officesFor = (on: Queryable, caller: Staff) =>
  on.query<{ key: string | null; title: string }>(
    `SELECT nullif(o.key, '${rootKey}') AS key, ${calledTitle('o')} AS title FROM organisations o
      WHERE o.path LIKE ANY ($1) AND o.disabled_at IS NULL ORDER BY o.path LIMIT 500`,
    [within(caller)],
  );

/** @throws UserError 404 for an organisation that is not the caller's */
export const addPlace = (who: Who, written: Written, deps: Deps): Promise<string> =>
  deps.db.transaction(async (tx) => {
    const organisationId = await ownerOf(tx, who.caller, written);
    const doc: Place = { key: `p-${randomBytes(4).toString('hex')}`, ...written };
    await tx.query(
      `INSERT INTO nearby_places (key, position, district, district_position, demo, doc, loaded_at)
       SELECT $1, (SELECT coalesce(max(position), 0) + 1 FROM nearby_places), $2, ${districtPosition}, false, $3::jsonb, $4`,
      [doc.key, doc.district, JSON.stringify(doc), deps.clock.now()],
    );
    await told(tx, who, doc.key, organisationId, 'add', { title: doc.title }, deps);
    return doc.key;
  });

/** What somebody of the city has written is made up no more. @throws UserError 404 */
export const changePlace = (who: Who, key: string, written: Written, deps: Deps): Promise<void> =>
  deps.db.transaction(async (tx) => {
    const { doc: before } = await rowFor(tx, who.caller, key, 'FOR UPDATE OF p');
    const organisationId = await ownerOf(tx, who.caller, written);
    const doc: Place = { key, ...written, ...(before.hidden && { hidden: true }) };
    const names = [...new Set([...Object.keys(before), ...Object.keys(doc)])] as (keyof Place)[];
    const changed = names.filter((name) => !isDeepStrictEqual(before[name], doc[name]));
    if (changed.length === 0) return;
    await tx.query(
      `UPDATE nearby_places SET district_position = CASE WHEN district = $2 THEN district_position ELSE ${districtPosition} END,
              district = $2, doc = $3::jsonb, demo = false WHERE key = $1`,
      [key, doc.district, JSON.stringify(doc)],
    );
    await told(tx, who, key, organisationId, 'change', { title: doc.title, changed }, deps);
  });

/** @throws UserError 404 */
export const hidePlace = (who: Who, key: string, hidden: boolean, deps: Deps): Promise<void> =>
  deps.db.transaction(async (tx) => {
    const { doc, organisationId } = await rowFor(tx, who.caller, key, 'FOR UPDATE OF p');
    if ((doc.hidden ?? false) === hidden) return;
    const { hidden: _before, ...rest } = doc;
    await tx.query('UPDATE nearby_places SET doc = $2::jsonb WHERE key = $1', [
      key,
      JSON.stringify(hidden ? { ...rest, hidden } : rest),
    ]);
    await told(tx, who, key, organisationId, hidden ? 'hide' : 'show', { title: doc.title }, deps);
  });

/** Beside the others of its district; a new district stands last. `$2`: its name. */
const districtPosition = `coalesce((SELECT min(other.district_position) FROM nearby_places other WHERE other.district = $2),
  (SELECT coalesce(max(other.district_position), 0) + 1 FROM nearby_places other))`;

async function rowFor(on: Queryable, caller: Staff, key: string, lock: '' | 'FOR UPDATE OF p' = ''): Promise<Row> {
  const [row] = await on.query<Row>(`${select} AND p.key = $2 ${lock}`, [within(caller), key]);
  if (!row) throw notFound('这个办事点');
  return row;
}

async function ownerOf(on: Queryable, caller: Staff, { organisation }: Written): Promise<number> {
  const [owner] = await on.query<{ id: number }>('SELECT id FROM organisations WHERE key = $1 AND path LIKE ANY ($2)', [
    organisation ?? rootKey,
    within(caller),
  ]);
  if (!owner) throw notFound('这个组织');
  return owner.id;
}

/** The trail of the act, and the news of it for every process. */
async function told(
  tx: Tx,
  { caller, address }: Who,
  key: string,
  organisationId: number,
  act: 'add' | 'change' | 'hide' | 'show',
  detail: Record<string, unknown>,
  { clock, events }: Deps,
): Promise<void> {
  await recordAudit(tx, {
    at: clock.now(),
    staffId: caller.id,
    organisationId,
    action: `nearby-place.${act}`,
    subject: `nearby-place:${key}`,
    detail,
    address,
  });
  await events.publish(placesChanged, null, tx);
}

const shown = ({ doc, demo, organisationTitle }: Row) => ({
  ...doc,
  demo,
  organisationTitle,
  hidden: doc.hidden ?? false,
});
