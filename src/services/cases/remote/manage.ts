import { isDeepStrictEqual } from 'node:util';
import type { ServiceDeps } from '../../../dialogue/service';
import { calledTitle } from '../../../people/organisations';
import type { Staff } from '../../../people/staff';
import type { Queryable, Tx } from '../../../platform/database';
import { notFound, UserError } from '../../../platform/errors';
import {
  describers,
  insertSource,
  type NewSource,
  note as noteAct,
  type SourceAct,
  type Who,
  within,
} from '../managed';
import type { Description } from './description';
import type { Stored } from './remote';

type Deps = Pick<ServiceDeps, 'db' | 'clock' | 'encryption'>;
type Row = {
  id: number;
  key: string;
  title: string;
  organisation_id: number;
  office: string;
  on: boolean;
  settings: unknown;
};

const select = `SELECT s.id, s.key, s.title, s.organisation_id, ${calledTitle('o')} AS office, s.disabled_at IS NULL AS on, s.settings
  FROM case_sources s JOIN organisations o ON o.id = s.organisation_id WHERE s.adapter = 'remote' AND o.path LIKE ANY ($1)`;

/** All that the caller describes; there are never more than a few dozen. */
export async function remotesFor(on: Queryable, caller: Staff) {
  const rows = await on.query<Row>(`${select} ORDER BY s.id LIMIT 200`, [within(caller, describers)]);
  return rows.map(shown);
}

/** One of them. @throws UserError 404 */
export async function remoteFor(on: Queryable, caller: Staff, id: number, lock: '' | 'FOR UPDATE OF s' = '') {
  const [row] = await on.query<Row>(`${select} AND s.id = $2 ${lock}`, [within(caller, describers), id]);
  if (!row) throw notFound('这个来源');
  return shown(row);
}

export type Fresh = NewSource & { description: Description; secret?: string };

/** Switched off until somebody has tried it. @throws UserError 404, 409 */
export const addRemote = (who: Who, { description, secret, ...fresh }: Fresh, deps: Deps): Promise<number> =>
  deps.db.transaction(async (tx) => {
    const settings = { description, secretSealed: secret ? deps.encryption.seal(secret) : null };
    const id = await insertSource(tx, who.caller, { ...fresh, adapter: 'remote', settings, on: false }, deps);
    const { key, title, organisationId } = fresh;
    await note(tx, who, { id, organisationId }, 'add', { key, title, baseUrl: description.baseUrl }, deps);
    return id;
  });

export type Change = { title: string; description: Description; secret?: string };

/** @throws UserError 404, and 422 where the old secret would go to another host */
export async function changeRemote(who: Who, id: number, { title, description, secret }: Change, deps: Deps) {
  await deps.db.transaction(async (tx) => {
    const before = await remoteFor(tx, who.caller, id, 'FOR UPDATE OF s');
    const secretSealed = secret ? deps.encryption.seal(secret) : keptSecret(before, description);
    await tx.query('UPDATE case_sources SET title = $2, settings = $3::jsonb WHERE id = $1', [
      id,
      title,
      JSON.stringify({ description, secretSealed }),
    ]);
    // What was read by another description may have been read wrongly.
    await tx.query('DELETE FROM case_remote_answers WHERE source_id = $1', [id]);
    const changed = Object.entries(description).filter(
      ([name, value]) => !isDeepStrictEqual(before.description[name as keyof Description], value),
    );
    const detail = { baseUrl: description.baseUrl, changed: changed.map(([name]) => name), secret: Boolean(secret) };
    await note(tx, who, before, 'change', detail, deps);
  });
}

/** @throws UserError 404 */
export async function switchRemote(who: Who, id: number, on: boolean, deps: Deps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const before = await remoteFor(tx, who.caller, id, 'FOR UPDATE OF s');
    if (before.on === on) return;
    await tx.query('UPDATE case_sources SET disabled_at = $2 WHERE id = $1', [id, on ? null : deps.clock.now()]);
    await note(tx, who, before, on ? 'switch-on' : 'switch-off', {}, deps);
  });
}

/** A secret was entered for one host: whoever names another has to know it. @throws UserError 422 */
export function keptSecret({ description, secretSealed }: Stored, fresh: Description): string | null {
  if (secretSealed === null || fresh.auth.kind === 'none') return null;
  const sameHost = new URL(description.baseUrl).origin === new URL(fresh.baseUrl).origin;
  // What only signs never leaves: it must not go out as a token either, because somebody chose another way.
  const stays = description.auth.kind !== 'hmac' || fresh.auth.kind === 'hmac';
  if (sameHost && stays) return secretSealed;
  const message = sameHost ? '换了证明的办法，请重新填写密钥' : '换了主机，请重新填写密钥';
  throw new UserError(422, 'invalid-input', message, { secret: message });
}

/** One row of the audit trail. */
export const note = (
  tx: Tx,
  who: Who,
  { id, organisationId }: { id: number | null; organisationId: number },
  action: SourceAct,
  detail: Record<string, unknown>,
  deps: Pick<ServiceDeps, 'clock'>,
): Promise<void> =>
  noteAct(
    tx,
    who,
    { organisationId, action: `case-source.${action}`, subject: `case-source:${id ?? 'new'}`, detail },
    deps,
  );

const shown = ({ organisation_id, settings, ...row }: Row) => ({
  ...row,
  organisationId: organisation_id,
  // As it was stored: one that no longer fits, since a kind is gone, has to be seen to be mended.
  ...(settings as Stored),
});
