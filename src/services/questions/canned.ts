import type { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { isUniqueViolation, notFound, UserError } from '../../platform/errors';
import { type canned, workers } from './contract';

export type CannedRow = z.input<typeof canned>;
export type CannedEdit = { title: string; body: string };
type Caller = { caller: Staff; address: string };

const mostShown = 200;

/** Canned answers (常用语) of the caller's departments, of those above and below; the most used first. */
export async function listCanned(caller: Staff, search: string, { db }: ServiceDeps): Promise<CannedRow[]> {
  const paths = scopeOf(caller, workers);
  return db.query<CannedRow>(
    `SELECT c.id, json_build_object('id', o.id, 'title', o.title) AS organisation, c.title, c.body, c.used,
            o.path LIKE ANY ($1) AS "mayChange"
       FROM question_canned c JOIN organisations o ON o.id = c.organisation_id
      WHERE (o.path LIKE ANY ($1) OR EXISTS (SELECT 1 FROM unnest($2::text[]) mine WHERE starts_with(mine, o.path)))
        AND ($3 = '' OR strpos(lower(c.title || ' ' || c.body), lower($3)) > 0)
      ORDER BY c.used DESC, c.id LIMIT $4`,
    [prefixes(paths), paths, search, mostShown],
  );
}

export async function addCanned(edit: CannedEdit & { organisationId?: number }, who: Caller, deps: ServiceDeps) {
  return deps.db.transaction(async (tx) => {
    const organisationId = edit.organisationId ?? who.caller.organisation.id;
    await mustBeMine(tx, organisationId, who.caller);
    const [row] = await unlessThere(() =>
      tx.query<{ id: number }>(
        'INSERT INTO question_canned (organisation_id, title, body) VALUES ($1, $2, $3) RETURNING id',
        [organisationId, edit.title, edit.body],
      ),
    );
    await audit(tx, 'add', row!.id, organisationId, who, deps);
    return { id: row!.id };
  });
}

export async function editCanned(id: number, edit: Partial<CannedEdit>, who: Caller, deps: ServiceDeps) {
  return deps.db.transaction(async (tx) => {
    const organisationId = await ownerOf(tx, id, who.caller);
    await unlessThere(() =>
      tx.query('UPDATE question_canned SET title = coalesce($2, title), body = coalesce($3, body) WHERE id = $1', [
        id,
        edit.title ?? null,
        edit.body ?? null,
      ]),
    );
    await audit(tx, 'edit', id, organisationId, who, deps);
  });
}

export async function removeCanned(id: number, who: Caller, deps: ServiceDeps) {
  return deps.db.transaction(async (tx) => {
    const organisationId = await ownerOf(tx, id, who.caller);
    await tx.query('DELETE FROM question_canned WHERE id = $1', [id]);
    await audit(tx, 'remove', id, organisationId, who, deps);
  });
}

async function mustBeMine(tx: Tx, organisationId: number, caller: Staff): Promise<void> {
  const [found] = await tx.query('SELECT 1 FROM organisations WHERE id = $1 AND path LIKE ANY ($2)', [
    organisationId,
    prefixes(scopeOf(caller, workers)),
  ]);
  if (!found) throw notFound('这个部门');
}

/** Those of the departments above are read, not changed. */
async function ownerOf(tx: Tx, id: number, caller: Staff): Promise<number> {
  const [row] = await tx.query<{ organisation_id: number }>(
    `SELECT c.organisation_id FROM question_canned c JOIN organisations o ON o.id = c.organisation_id
      WHERE c.id = $1 AND o.path LIKE ANY ($2) FOR UPDATE OF c`,
    [id, prefixes(scopeOf(caller, workers))],
  );
  if (!row) throw notFound('这条常用语');
  return row.organisation_id;
}

async function unlessThere<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new UserError(409, 'there-already', '已有同名的常用语', { title: '换一个名称' });
  }
}

const audit = (
  tx: Tx,
  act: 'add' | 'edit' | 'remove',
  id: number,
  organisationId: number,
  { caller, address }: Caller,
  deps: ServiceDeps,
) =>
  recordAudit(tx, {
    at: deps.clock.now(),
    staffId: caller.id,
    organisationId,
    action: `question-canned.${act}`,
    subject: `question-canned:${id}`,
    address,
  });
