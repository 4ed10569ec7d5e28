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
export type Explained = { sql: string; plan: Node };

export const allOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(allOf)];

class Undone extends Error {}

/** The same database, which notes by what plan each statement about `these` ran: it runs twice, and what it did first is undone. */
export function explaining(db: Database, these: RegExp): { db: Database; taken(): Explained[] } {
  let explained: Explained[] = [];
  const explain = async (on: Tx, sql: string, values?: unknown[]) => {
    type Answer = { 'QUERY PLAN': [{ Plan: Node }] };
    const [row] = await on.query<Answer>(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`, values);
    explained.push({ sql, plan: row!['QUERY PLAN'][0].Plan });
  };
  return {
    db: {
      ...db,
      async query(sql, values) {
        if (!these.test(sql)) return db.query(sql, values);
        await db
          .transaction(async (tx) => {
            await explain(tx, sql, values);
            throw new Undone();
          })
          .catch((error: unknown) => {
            if (!(error instanceof Undone)) throw error;
          });
        return db.query(sql, values);
      },
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            ...tx,
            async query(sql, values) {
              if (!these.test(sql)) return tx.query(sql, values);
              await tx.query('SAVEPOINT before_explain');
              await explain(tx, sql, values);
              await tx.query('ROLLBACK TO SAVEPOINT before_explain');
              return tx.query(sql, values);
            },
            async named(_name, sql, values) {
              return this.query(sql, values);
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
