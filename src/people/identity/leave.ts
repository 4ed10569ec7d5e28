import type { Queryable, Tx } from '../../platform/database';
import { notFound } from '../../platform/errors';
import type { Citizen } from '../citizen';
import { keepingFormerPhone } from './confirming-phone';
import { withdrawConsents } from './consents';

/**
 * From now on the citizen does not act for this person, and what they declared for them is over; what was done stays, with a
 * name of its own. @throws UserError 404
 */
export async function unbindPerson(tx: Tx, citizen: Citizen, personId: string, at: Date): Promise<void> {
  const gone = await keepingFormerPhone(tx, citizen, at, () =>
    tx.query(
      `UPDATE person_bindings SET unbound_at = $4, name_sealed = '', phone_sealed = '', phone_hash = ''
        WHERE account_id = $1 AND openid = $2 AND person_id = $3 AND unbound_at IS NULL RETURNING id`,
      [citizen.accountId, citizen.openid, personId, at],
    ),
  );
  if (gone.length === 0) throw notFound('这位家人');
  await withdrawConsents(tx, citizen, at, { personId });
}

/** Until when a person's document has to stay known to somebody; undefined for not at all. */
export type Needs = (on: Queryable, personId: string) => Promise<Date | undefined>;

export type Left = {
  bindings: number;
  documents: number;
  codes: number;
  /** Documents that stay for now, and until when the longest of them. */
  kept: number;
  keptUntil: Date | undefined;
  consents: number;
};

/** A citizen is known by name no more. What they agreed to stays as evidence, under `alias` instead of the openid. */
export async function forgetIdentity(
  tx: Tx,
  citizen: Citizen,
  { alias, at, needs }: { alias: string; at: Date; needs: Needs },
): Promise<Left> {
  const { accountId, openid } = citizen;
  await tx.query('SELECT pg_advisory_xact_lock(7269030, hashtext($1))', [openid]);
  const bindings = await tx.query<{ person_id: string }>(
    `WITH d AS (DELETE FROM person_bindings WHERE account_id = $1 AND openid = $2 RETURNING person_id)
     SELECT person_id::text FROM d`,
    [accountId, openid],
  );
  await tx.query('DELETE FROM former_phones WHERE account_id = $1 AND openid = $2', [accountId, openid]);
  const persons = [...new Set(bindings.map(({ person_id }) => person_id))];
  const documents = await forgetDocuments(tx, persons, needs);
  await withdrawConsents(tx, citizen, at);
  const consents = await tx.query(
    `WITH u AS (UPDATE consents SET openid = $3 WHERE account_id = $1 AND openid = $2 RETURNING id) SELECT id FROM u`,
    [accountId, openid, alias],
  );
  const codes = await tx.query(
    `WITH d AS (DELETE FROM phone_codes WHERE account_id = $1 AND openid = $2 RETURNING id) SELECT id FROM d`,
    [accountId, openid],
  );
  return { bindings: bindings.length, codes: codes.length, consents: consents.length, ...documents };
}

/** Blanks the documents of those for whom nobody acts any more and who are not needed. */
export async function forgetDocuments(
  tx: Tx,
  persons: string[],
  needs: Needs,
): Promise<{ documents: number; kept: number; keptUntil: Date | undefined }> {
  const free = await tx.query<{ id: string }>(
    `SELECT id::text FROM persons p WHERE id = ANY ($1::bigint[]) AND document_sealed <> ''
        AND NOT EXISTS (SELECT 1 FROM person_bindings b WHERE b.person_id = p.id AND b.unbound_at IS NULL)
      ORDER BY p.id FOR UPDATE`,
    [persons],
  );
  let documents = 0;
  const kept: Date[] = [];
  for (const { id } of free) {
    const until = await needs(tx, id);
    if (until) {
      kept.push(until);
      continue;
    }
    await tx.query(`UPDATE persons SET document_sealed = '', document_hash = 'erased:' || id WHERE id = $1`, [id]);
    documents++;
  }
  const keptUntil = kept.sort((one, other) => other.getTime() - one.getTime())[0];
  return { documents, kept: kept.length, keptUntil };
}

/** Documents that nobody has bound any more, oldest first: those whose time to stay has passed may go. */
export const unboundDocuments = async (on: Queryable, after: string, most: number): Promise<string[]> =>
  (
    await on.query<{ id: string }>(
      `SELECT id::text FROM persons p WHERE id > $1 AND document_sealed <> ''
          AND NOT EXISTS (SELECT 1 FROM person_bindings b WHERE b.person_id = p.id AND b.unbound_at IS NULL)
        ORDER BY p.id LIMIT $2`,
      [after, most],
    )
  ).map(({ id }) => id);

const codesKeptMillis = 30 * 24 * 3600_000;

/** Codes are of use for a day, a former phone as long as it says, and what the erased agreed to as long as it is evidence. */
export async function dropOldTraces(on: Queryable, at: Date, consentsBefore: Date): Promise<void> {
  await on.query('DELETE FROM phone_codes WHERE sent_at < $1', [new Date(at.getTime() - codesKeptMillis)]);
  await on.query('DELETE FROM former_phones WHERE kept_until <= $1', [at]);
  await on.query(`DELETE FROM consents WHERE openid LIKE 'erased:%' AND withdrawn_at < $1`, [consentsBefore]);
}
