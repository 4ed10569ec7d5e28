import type { ServiceDeps } from '../../dialogue/service';
import { prefixes } from '../../people/organisations';
import { type Staff, scopeOf } from '../../people/staff';
import { recordAudit } from '../../platform/audit';
import type { Queryable } from '../../platform/database';
import { notFound, UserError } from '../../platform/errors';
import { dispatchers } from './contract';

export type NewRule = {
  account: string | null;
  word: string | null;
  region: string | null;
  organisationId: number;
  position: number;
};
type Caller = { caller: Staff; address: string };
type RuleRow = {
  id: number;
  account: string | null;
  word: string | null;
  region: string | null;
  organisation: { id: number; title: string };
  position: number;
};

const mostRules = 500;

/** Where questions go by themselves, in the order in which they are tried. */
export function listRules(caller: Staff, { db }: ServiceDeps): Promise<RuleRow[]> {
  return db.query<RuleRow>(
    `SELECT r.id, a.key AS account, r.word, r.region, json_build_object('id', o.id, 'title', o.title) AS organisation, r.position
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

export async function addRule(rule: NewRule, { caller, address }: Caller, deps: ServiceDeps): Promise<{ id: number }> {
  return deps.db.transaction(async (tx) => {
    const accountId = await mayDecideFor(tx, rule.account, caller);
    const [row] = await tx.query<{ id: number }>(
      `INSERT INTO question_rules (account_id, word, organisation_id, position, region)
       SELECT $1, $2, o.id, $4, $7 FROM organisations o
        WHERE o.id = $3 AND o.path LIKE ANY ($5) AND (SELECT count(*) FROM question_rules) < $6 RETURNING id`,
      [
        accountId,
        rule.word,
        rule.organisationId,
        rule.position,
        prefixes(scopeOf(caller, dispatchers)),
        mostRules,
        rule.region,
      ],
    );
    if (!row) throw notFound('这个部门');
    await recordAudit(tx, {
      at: deps.clock.now(),
      staffId: caller.id,
      organisationId: rule.organisationId,
      action: 'question-rule.add',
      subject: `question-rule:${row.id}`,
      detail: rule,
      address,
    });
    return row;
  });
}

export async function removeRule(id: number, { caller, address }: Caller, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [row] = await tx.query<{ account: string | null; organisation_id: number }>(
      `SELECT a.key AS account, r.organisation_id FROM question_rules r
         JOIN organisations o ON o.id = r.organisation_id LEFT JOIN accounts a ON a.id = r.account_id
        WHERE r.id = $1 AND o.path LIKE ANY ($2) FOR UPDATE OF r`,
      [id, prefixes(scopeOf(caller, dispatchers))],
    );
    if (!row) throw notFound('这条规则');
    await mayDecideFor(tx, row.account, caller);
    await tx.query('DELETE FROM question_rules WHERE id = $1', [id]);
    await recordAudit(tx, {
      at: deps.clock.now(),
      staffId: caller.id,
      organisationId: row.organisation_id,
      action: 'question-rule.remove',
      subject: `question-rule:${id}`,
      address,
    });
  });
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
