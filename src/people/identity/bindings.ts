import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { type FieldEncryption, mask } from '../../platform/field-encryption';
import type { Citizen } from '../citizen';
import { keepingFormerPhone } from './confirming-phone';
import { bornOn, type DocumentKind, type IdentityDocument, isCitizenNumber } from './documents';

export const relations = { self: '本人', parent: '父母', child: '子女', spouse: '配偶', other: '其他家人' } as const;
export type Relation = keyof typeof relations;

/** Somebody for whom a citizen acts: themselves or one of the family. */
export type Person = {
  id: string;
  bindingId: string;
  relation: Relation;
  name: string;
  phone: string;
  /** as they are stored, to be stored elsewhere too */
  nameSealed: string;
  phoneSealed: string;
  phoneHash: string;
  document: IdentityDocument;
  /** `1990-02-28`, where the document says it */
  born: string | undefined;
};

export type NewBinding = Citizen & {
  relation: Relation;
  name: string;
  document: IdentityDocument;
  phone: string;
  at: Date;
};

/** How many a citizen may act for, themselves included. */
const mostBound = 8;

/**
 * Binds a person to a citizen; who is bound already gets the new name, relation and phone.
 * @throws UserError 409 as `lackOfRoom`
 */
export async function bindPerson(tx: Tx, fresh: NewBinding, encryption: FieldEncryption): Promise<string> {
  const { accountId, openid, relation, document, at } = fresh;
  await tx.query('SELECT pg_advisory_xact_lock(7269030, hashtext($1))', [openid]);
  const lack = await lackOfRoom(tx, fresh, encryption);
  if (lack) throw lack;
  const personId = await personOf(tx, document, at, encryption);
  const { name_sealed, phone_sealed, phone_hash } = sealed(fresh, encryption);
  await keepingFormerPhone(tx, fresh, at, () =>
    tx.query(
      `INSERT INTO person_bindings (account_id, openid, person_id, relation, name_sealed, phone_sealed, phone_hash, bound_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (account_id, openid, person_id) WHERE unbound_at IS NULL DO UPDATE
         SET relation = excluded.relation, name_sealed = excluded.name_sealed, phone_sealed = excluded.phone_sealed,
             phone_hash = excluded.phone_hash`,
      [accountId, openid, personId, relation, name_sealed, phone_sealed, phone_hash, at],
    ),
  );
  return personId;
}

/**
 * Tells a document that is bound from another one, so it is for those alone whose tries count.
 * @returns UserError 409 beside a `self` that is bound to another document, or when there are enough
 */
export async function lackOfRoom(
  on: Queryable,
  { accountId, openid, relation, document }: Pick<NewBinding, 'accountId' | 'openid' | 'relation' | 'document'>,
  encryption: FieldEncryption,
): Promise<UserError | undefined> {
  const others = await on.query<{ relation: Relation }>(
    `SELECT b.relation FROM person_bindings b JOIN persons p ON p.id = b.person_id
      WHERE b.account_id = $1 AND b.openid = $2 AND b.unbound_at IS NULL AND p.document_hash <> $3`,
    [accountId, openid, documentHash(document, encryption)],
  );
  if (relation === 'self' && others.some((one) => one.relation === 'self'))
    return new UserError(
      409,
      'self-bound',
      '您本人已用另一个证件实名。为家人登记请选与家人的关系；换证件请先解除本人的登记',
    );
  return others.length < mostBound
    ? undefined
    : new UserError(409, 'too-many', `最多为 ${mostBound} 人办事，请先解除不用的`);
}

/** Those a citizen acts for, themselves first. */
export async function personsOf(on: Queryable, { accountId, openid }: Citizen, encryption: FieldEncryption) {
  const rows = await on.query<Row>(
    `${select} WHERE b.account_id = $1 AND b.openid = $2 AND b.unbound_at IS NULL ORDER BY b.relation <> 'self', b.id`,
    [accountId, openid],
  );
  return rows.map((row) => opened(row, encryption));
}

/** One of them. @throws UserError 404 for anybody else */
export async function personBoundTo(
  on: Queryable,
  { accountId, openid }: Citizen,
  personId: string,
  encryption: FieldEncryption,
): Promise<Person> {
  const [row] = await on.query<Row>(
    `${select} WHERE b.account_id = $1 AND b.openid = $2 AND b.person_id = $3 AND b.unbound_at IS NULL`,
    [accountId, openid, personId],
  );
  if (!row) throw notFound('这位家人');
  return opened(row, encryption);
}

/** Another phone for one of them; that it is theirs is the caller's to have seen. @throws UserError 404 */
export async function changePhone(
  tx: Tx,
  citizen: Citizen,
  { personId, phone, at }: { personId: string; phone: string; at: Date },
  encryption: FieldEncryption,
): Promise<void> {
  const changed = await keepingFormerPhone(tx, citizen, at, () =>
    tx.query(
      `WITH u AS (
         UPDATE person_bindings SET phone_sealed = $4, phone_hash = $5
          WHERE account_id = $1 AND openid = $2 AND person_id = $3 AND unbound_at IS NULL RETURNING id)
       SELECT id FROM u`,
      [citizen.accountId, citizen.openid, personId, encryption.seal(phone), phoneHash(phone, encryption)],
    ),
  );
  if (changed.length === 0) throw notFound('这位家人');
}

/** As it is shown to whoever it is about: enough to tell two apart, too little to copy. */
export const shownPerson = ({ id, relation, name, phone, document }: Person) => ({
  id,
  relation,
  name: maskName(name),
  phone: mask(phone),
  documentKind: document.kind,
  document: mask(document.number),
});

/** 张三 → 张*, 欧阳娜娜 → 欧**娜 */
export function maskName(name: string): string {
  const letters = [...name];
  if (letters.length <= 2) return `${letters[0] ?? ''}*`;
  return letters[0] + '*'.repeat(letters.length - 2) + letters.at(-1)!;
}

export const documentHash = ({ kind, number }: IdentityDocument, encryption: FieldEncryption): string =>
  encryption.blindIndex(`${isCitizenNumber(kind) ? 'id-card' : kind}:${number}`);
export const phoneHash = (phone: string, encryption: FieldEncryption): string =>
  encryption.blindIndex(`phone:${phone}`);

async function personOf(tx: Tx, document: IdentityDocument, at: Date, encryption: FieldEncryption): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `WITH fresh AS (
       INSERT INTO persons (document_kind, document_hash, document_sealed, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (document_hash) DO UPDATE SET document_kind =
         CASE WHEN excluded.document_kind = 'household-register' THEN persons.document_kind ELSE excluded.document_kind END
       RETURNING id)
     SELECT id::text FROM fresh`,
    [document.kind, documentHash(document, encryption), encryption.seal(document.number), at],
  );
  return row!.id;
}

const sealed = ({ name, phone }: NewBinding, encryption: FieldEncryption) => ({
  name_sealed: encryption.seal(name),
  phone_sealed: encryption.seal(phone),
  phone_hash: phoneHash(phone, encryption),
});

type Row = {
  binding_id: string;
  person_id: string;
  relation: Relation;
  name_sealed: string;
  phone_sealed: string;
  phone_hash: string;
  document_kind: DocumentKind;
  document_sealed: string;
};

const select = `SELECT b.id::text AS binding_id, b.person_id::text, b.relation, b.name_sealed, b.phone_sealed, b.phone_hash,
       p.document_kind, p.document_sealed
  FROM person_bindings b JOIN persons p ON p.id = b.person_id`;

function opened(row: Row, encryption: FieldEncryption): Person {
  const document = { kind: row.document_kind, number: encryption.open(row.document_sealed) };
  return {
    id: row.person_id,
    bindingId: row.binding_id,
    relation: row.relation,
    name: encryption.open(row.name_sealed),
    phone: encryption.open(row.phone_sealed),
    nameSealed: row.name_sealed,
    phoneSealed: row.phone_sealed,
    phoneHash: row.phone_hash,
    document,
    born: bornOn(document),
  };
}
