import type { ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable, Tx } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { dispatchers } from './contract';

/** Which questions go where. */
export type RuleWords = {
  account: string | null;
  word: string | null;
  region: string | null;
  organisationId: number;
};
export type NewRule = RuleWords & { position: number };
export type Caller = { caller: Staff; address: string };
type RuleRow = {
  id: number;
  account: string | null;
  word: string | null;
  region: string | null;
  organisation: { id: number; title: string; disabled: boolean };
  position: number;
};

const mostRules = 500;

/** Where questions go by themselves, in the order in which they are tried. */
export function listRules(caller: Staff, { db }: ServiceDeps): Promise<RuleRow[]> {
  return db.query<RuleRow>(
    `SELECT r.id, a.key AS account, r.word, r.region, r.position,
            json_build_object('id', o.id, 'title', o.title, 'disabled', o.disabled_at IS NOT NULL) AS organisation
       FROM question_rules r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN accounts a ON a.id = r.account_id
      WHERE o.path LIKE ANY ($1) ORDER BY r.position, r.id LIMIT $2`,
    [prefixes(scopeOf(caller, dispatchers)), mostRules],
  );
}

/** For which accounts the caller may make rules. */
export const accountsToRule = (caller: Staff, { db }: ServiceDeps) =>
  db.query<{ key: string; title: string }>(
    `SELECT a.key, a.title FROM accounts a JOIN organisations o ON o.id = a.organisation_id
      WHERE a.disabled_at IS NULL AND o.path LIKE ANY ($1) ORDER BY a.id LIMIT $2`,
    [prefixes(scopeOf(caller, dispatchers)), mostRules],
  );

export async function addRule(rule: NewRule, who: Caller, deps: ServiceDeps): Promise<{ id: number }> {
  return deps.db.transaction(async (tx) => {
    const accountId = await mayDecideFor(tx, rule.account, who.caller);
    await mustBeBelow(tx, rule.organisationId, who.caller);
    const [row] = await tx.query<{ id: number }>(
      `INSERT INTO question_rules (account_id, word, region, organisation_id, position)
       SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM question_rules) < $6 RETURNING id`,
      [accountId, rule.word, rule.region, rule.organisationId, rule.position, mostRules],
    );
    if (!row) throw new UserError(409, 'too-many', `最多 ${mostRules} 条规则，请先删去不用的`);
    await traceRule(tx, who, deps, { act: 'add', id: row.id, organisationId: rule.organisationId, detail: rule });
    return row;
  });
}

/** It keeps its place among the others. */
export async function editRule(id: number, rule: RuleWords, who: Caller, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const before = await holdRule(tx, id, who.caller);
    const accountId = await mayDecideFor(tx, rule.account, who.caller);
    await mustBeBelow(tx, rule.organisationId, who.caller);
    await tx.query(
      'UPDATE question_rules SET account_id = $2, word = $3, region = $4, organisation_id = $5 WHERE id = $1',
      [id, accountId, rule.word, rule.region, rule.organisationId],
    );
    const { organisationId } = before;
    await traceRule(tx, who, deps, { act: 'edit', id, organisationId, detail: { before, after: rule } });
  });
}

export async function removeRule(id: number, who: Caller, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const before = await holdRule(tx, id, who.caller);
    await tx.query('DELETE FROM question_rules WHERE id = $1', [id]);
    await traceRule(tx, who, deps, { act: 'remove', id, organisationId: before.organisationId, detail: { before } });
  });
}

/** One that the caller may change, held. @throws UserError 404 */
export async function holdRule(tx: Tx, id: number, caller: Staff): Promise<RuleWords> {
  const [row] = await tx.query<RuleWords>(
    `SELECT a.key AS account, r.word, r.region, r.organisation_id AS "organisationId" FROM question_rules r
       JOIN organisations o ON o.id = r.organisation_id LEFT JOIN accounts a ON a.id = r.account_id
      WHERE r.id = $1 AND o.path LIKE ANY ($2) FOR UPDATE OF r`,
    [id, prefixes(scopeOf(caller, dispatchers))],
  );
  if (!row) throw notFound('这条规则');
  await mayDecideFor(tx, row.account, caller);
  return row;
}

type RuleTrace = {
  act: 'add' | 'edit' | 'move' | 'remove';
  id: number;
  organisationId: number;
  detail: Record<string, unknown>;
};

export const traceRule = (
  tx: Tx,
  { caller, address }: Caller,
  { clock }: ServiceDeps,
  { act, id, organisationId, detail }: RuleTrace,
): Promise<void> =>
  recordAudit(tx, {
    at: clock.now(),
    staffId: caller.id,
    organisationId,
    action: `question-rule.${act}`,
    subject: `question-rule:${id}`,
    detail,
    address,
  });

async function mustBeBelow(on: Queryable, organisationId: number, caller: Staff): Promise<void> {
  const [found] = await on.query(
    'SELECT 1 FROM organisations WHERE id = $1 AND path LIKE ANY ($2) AND disabled_at IS NULL',
    [organisationId, prefixes(scopeOf(caller, dispatchers))],
  );
  if (!found) throw notFound('这个部门');
}

/** A rule takes questions from an account, so it takes the role there; one for all accounts at the root of the tree. */
async function mayDecideFor(on: Queryable, account: string | null, caller: Staff): Promise<number | null> {
  const scope = prefixes(scopeOf(caller, dispatchers));
  const [found] =
    account === null
      ? await on.query<{ id: number | null }>(
          'SELECT NULL::int AS id FROM organisations WHERE parent_id IS NULL AND path LIKE ANY ($1)',
          [scope],
        )
      : await on.query<{ id: number | null }>(
          'SELECT a.id FROM accounts a JOIN organisations o ON o.id = a.organisation_id WHERE a.key = $2 AND o.path LIKE ANY ($1)',
          [scope, account],
        );
  if (found) return found.id;
  if (account !== null) throw notFound('这个公众号');
  throw new UserError(403, 'not-allowed', '只有全市的派单人员能定所有公众号共用的规则，请选择一个公众号');
}
