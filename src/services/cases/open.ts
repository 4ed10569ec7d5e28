import { z } from 'zod';
import { openRoute as route } from '../../dialogue/service';
import type { ApiKey, KeyTarget } from '../../people/api-keys';
import type { Queryable } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { kinds } from './kinds';
import { checkReport, type Faults, full, otherKind, reportContract } from './report';
import { type Outcome, type Reported, storeCases } from './store';

const mostRows = 500;
const { $schema: _, ...described } = z.toJSONSchema(reportContract, { io: 'input', unrepresentable: 'any' });

const rowAnswer = z.object({
  index: z.number().describe('第几行，从 0 起'),
  number: z.string().nullable().describe('编号，按我们的写法'),
  result: z.enum(['accepted', 'unchanged', 'error']),
  errors: z.record(z.string(), z.string()).optional().describe('哪一项不对，应当怎样'),
});

export const openRoutes = [
  route({
    method: 'post',
    path: '/cases',
    summary: `办件：业务系统报进展，每次最多 ${mostRows} 步；逐行答复，对的存下，错的说明`,
    role: 'key',
    body: z.strictObject({
      // Each row by itself: one that is wrong must not keep the others out.
      cases: z
        .array(z.unknown().meta(described as Record<string, unknown>))
        .min(1, '至少一行')
        .max(mostRows, `一次最多 ${mostRows} 行`),
    }),
    output: z.object({
      accepted: z.number().describe('新的，或有变化的'),
      unchanged: z.number(),
      failed: z.number(),
      rows: z.array(rowAnswer),
    }),
    handler: async ({ caller: { key, tx }, body }, deps) => {
      const sourceId = await sourceFor(tx, key);
      const checked = body.cases.map((row) => checkReport(row, deps.clock.now()));
      const good = checked.flatMap((one) => ('reported' in one ? [one.reported] : []));
      const outcomes = await storeCases(tx, sourceId, good, deps);
      const rows = checked.map((one, index) =>
        'faults' in one
          ? failed(index, numberOf(body.cases[index]), one.faults)
          : toldOf(index, one.reported, outcomes[good.indexOf(one.reported)]!),
      );
      const count = (result: string) => rows.filter((row) => row.result === result).length;
      return { accepted: count('accepted'), unchanged: count('unchanged'), failed: count('error'), rows };
    },
  }),
];

type RowAnswer = z.infer<typeof rowAnswer>;

const failed = (index: number, number: string | null, errors: Faults): RowAnswer => ({
  index,
  number,
  result: 'error',
  errors,
});

function toldOf(index: number, { number, kind }: Reported, outcome: Outcome): RowAnswer {
  if (outcome === 'other-kind') return failed(index, number, otherKind(kinds.get(kind)!));
  if (outcome === 'full') return failed(index, number, full);
  return { index, number, result: outcome === 'same' ? 'unchanged' : 'accepted' };
}

const numberOf = (row: unknown): string | null => {
  const number = (row as { number?: unknown } | null)?.number;
  return typeof number === 'string' ? number.slice(0, 64) : null;
};

/** What the key is for, while it is there. @throws UserError 403 */
async function sourceFor(on: Queryable, { target }: ApiKey): Promise<number> {
  const [source] = await on.query<{ id: number }>(
    `SELECT id FROM case_sources WHERE key = $1 AND adapter = 'stored' AND disabled_at IS NULL`,
    [target],
  );
  if (!source) throw new UserError(403, 'source-gone', '这个密钥的来源已经停用');
  return source.id;
}

/** A key is for one source: whoever has it reports no other office's cases. */
export const keyTargets = (on: Queryable, paths: readonly string[]): Promise<KeyTarget[]> =>
  on.query<KeyTarget>(
    `SELECT s.key AS target, s.title, s.organisation_id AS "organisationId"
       FROM case_sources s JOIN organisations o ON o.id = s.organisation_id
      WHERE s.adapter = 'stored' AND s.disabled_at IS NULL AND o.path LIKE ANY ($1) ORDER BY s.title, s.id`,
    [paths],
  );
