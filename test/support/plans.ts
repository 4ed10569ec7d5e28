import type { Database, Tx } from '../../src/platform/database';

/** A node of a plan, as EXPLAIN (FORMAT JSON) has it. */
export type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
};
export type Explained = {
  sql: string;
  plan: Node /** the plan that is kept of a statement with a name */;
  kept: boolean;
  named: boolean;
};

export const allOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(allOf)];

class Undone extends Error {}

/**
 * The same database, which notes by what plan each statement about `these` ran: it runs twice, and what it did first is undone. Of one
 * with a name also the plan that a connection keeps, whatever the parameters.
 */
export function explaining(db: Database, these: RegExp): { db: Database; taken(): Explained[] } {
  let explained: Explained[] = [];
  const explain = (on: Tx, sql: string, values: unknown[] = []) =>
    note(on, { sql, kept: false, named: false }, sql, values);
  const explainKept = async (on: Tx, sql: string, values: unknown[]) => {
    await note(on, { sql, kept: false, named: true }, sql, values);
    await on.query(`PREPARE kept AS ${sql}`);
    await on.query(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`);
    await note(on, { sql, kept: true, named: true }, `EXECUTE kept (${values.map(literal).join(', ')})`);
    await on.query('DEALLOCATE kept');
  };
  const note = async (on: Tx, what: Omit<Explained, 'plan'>, run: string, values?: unknown[]) => {
    type Answer = { 'QUERY PLAN': [{ Plan: Node }] };
    const [row] = await on.query<Answer>(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${run}`, values);
    explained.push({ ...what, plan: row!['QUERY PLAN'][0].Plan });
  };
  const undone = (work: (tx: Tx) => Promise<void>) =>
    db
      .transaction(async (tx) => {
        await work(tx);
        throw new Undone();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
  const undoneIn = async (tx: Tx, work: () => Promise<void>) => {
    await tx.query('SAVEPOINT before_explain');
    await work();
    await tx.query('ROLLBACK TO SAVEPOINT before_explain');
  };
  return {
    db: {
      ...db,
      async query(sql, values) {
        if (these.test(sql)) await undone((tx) => explain(tx, sql, values));
        return db.query(sql, values);
      },
      async named(name, sql, values) {
        if (these.test(sql)) await undone((tx) => explainKept(tx, sql, values));
        return db.named(name, sql, values);
      },
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            ...tx,
            async query(sql, values) {
              if (these.test(sql)) await undoneIn(tx, () => explain(tx, sql, values));
              return tx.query(sql, values);
            },
            async named(name, sql, values) {
              if (these.test(sql)) await undoneIn(tx, () => explainKept(tx, sql, values));
              return tx.named(name, sql, values);
            },
          }),
        ),
    },
    taken() {
      const all = explained;
      explained = [];
      return all;
    },
  };
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const text = Array.isArray(value) ? `{${value.map((one) => JSON.stringify(textOf(one))).join(',')}}` : textOf(value);
  return `'${text.replaceAll("'", "''")}'`;
}

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));
