import { prefixes } from '../../people/organisations';
import { type Staff, type StaffRole, scopeOf } from '../../people/staff';
import { dispatchers, workers } from './contract';
import type { QuestionRow } from './tables';

/** Where somebody sees questions: those of departments, and those with none yet by the account's organisation. */
export type Sight = { departments: string[]; undispatched: string[] };

export function sightOf(staff: Staff, roles: readonly StaffRole[] = workers): Sight {
  const deciding = dispatchers.filter((role) => roles.includes(role));
  return { departments: scopeOf(staff, roles), undispatched: scopeOf(staff, deciding) };
}

export function sees(sight: Sight, row: Pick<QuestionRow, 'organisation_path' | 'account_path'>): boolean {
  const [path, paths] =
    row.organisation_path === null
      ? [row.account_path, sight.undispatched]
      : [row.organisation_path, sight.departments];
  return paths.some((root) => path.startsWith(root));
}

/** Theirs is a department that was asked for help (协办): they see it and write notes, and answer nothing. */
export const helps = (staff: Staff, { helper_paths }: Pick<QuestionRow, 'helper_paths'>): boolean =>
  scopeOf(staff, workers).some((root) => helper_paths.some((path) => path.startsWith(root)));

/** For `organisations.path LIKE ANY ($n)`. */
export const likes = ({ departments, undispatched }: Sight) => ({
  departments: prefixes(departments),
  undispatched: prefixes(undispatched),
});

/** The same as `sees`, for a statement that has rows of tables.ts; $n and $n+1 are the two lists of `likes`. */
export const seenWhere = (first: number) =>
  `(o.path LIKE ANY ($${first}) OR (q.organisation_id IS NULL AND ao.path LIKE ANY ($${first + 1})))`;
