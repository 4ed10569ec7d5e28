import type { ServiceDeps } from '../../dialogue/service';
import { documentHash } from '../../people/identity/bindings';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Case } from './case';
import type { CaseSource, SourceRow } from './source';

/** As many as fit a page; who has more looks the others up by number. */
const mostOfPerson = 50;

/** Cases that offices hand over to be kept here. */
export const storedSource = (
  { id, title }: SourceRow,
  { db, encryption }: Pick<ServiceDeps, 'db' | 'encryption'>,
): CaseSource => ({
  id,
  title,
  // One statement whether the number is wrong or the factor: nothing tells them apart.
  byNumber: async (number, factor) => {
    const [row] = await db.query<CaseRow>(
      `${select} WHERE number = $1 AND source_id = $2 AND (tail_hash = $3 OR code_hash = $4)`,
      [number, id, tailHash(number, factor, encryption), codeHash(number, factor, encryption)],
    );
    return row && toCase(row);
  },
  ofPerson: async (document) => {
    const rows = await db.query<CaseRow>(
      `${select} WHERE person_hash = $1 AND source_id = $2 ORDER BY moved_at DESC LIMIT ${mostOfPerson}`,
      [documentHash(document, encryption), id],
    );
    return rows.map(toCase);
  },
});

/** Hashed together with the number, so that four digits alone say nothing. */
export const tailHash = (number: string, tail: string, encryption: FieldEncryption) =>
  encryption.blindIndex(`case-tail:${number}:${tail}`);
export const codeHash = (number: string, code: string, encryption: FieldEncryption) =>
  encryption.blindIndex(`case-code:${number}:${code}`);

type CaseRow = {
  source_id: number;
  number: string;
  kind: string;
  state: string;
  steps: { state: string; at: string; note?: string; again?: string }[];
  due_at: Date | null;
  done_at: Date | null;
  place: string;
};

const select = 'SELECT source_id, number, kind, state, steps, due_at, done_at, place FROM cases';

const toCase = ({ source_id, number, kind, state, steps, due_at, done_at, place }: CaseRow): Case => ({
  sourceId: source_id,
  number,
  kind,
  state,
  steps: steps.map(({ at, again: _, ...step }) => ({ ...step, at: new Date(at) })),
  dueAt: due_at,
  done: done_at !== null,
  place,
});
