import type { ServiceDeps } from '../../dialogue/service';
import type { Tx } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { type Caller, holdRule, traceRule } from './rules';

const step = 10;

/** Before another rule, or behind all: the first that fits is used. The others keep their order among themselves. */
export async function moveRule(id: number, before: number | null, who: Caller, deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    // All of them, in the order of their ids, so that two who move at the same time wait for each other.
    await tx.query('SELECT 1 FROM question_rules ORDER BY id FOR UPDATE');
    const { organisationId } = await holdRule(tx, id, who.caller);
    const others = await tx.query<Placed>(
      'SELECT id, position FROM question_rules WHERE id <> $1 ORDER BY position, id',
      [id],
    );
    const at = before === null ? others.length : others.findIndex((one) => one.id === before);
    if (at < 0) throw notFound('要放在它前面的那条规则');
    const position = between(others[at - 1], others[at]);
    if (position === null) await renumber(tx, others.map((one) => one.id).toSpliced(at, 0, id));
    else await tx.query('UPDATE question_rules SET position = $2 WHERE id = $1', [id, position]);
    await traceRule(tx, who, deps, { act: 'move', id, organisationId, detail: { before } });
  });
}

type Placed = { id: number; position: number };

/** A number between those of two neighbours, while there is one. */
function between(above: Placed | undefined, below: Placed | undefined): number | null {
  const low = above?.position ?? -1;
  if (!below) return low + step;
  const middle = Math.floor((low + below.position) / 2);
  return middle > low ? middle : null;
}

const renumber = (tx: Tx, order: number[]) =>
  tx.query(
    `UPDATE question_rules r SET position = o.place * $2
       FROM unnest($1::int[]) WITH ORDINALITY AS o (id, place) WHERE r.id = o.id`,
    [order, step],
  );
