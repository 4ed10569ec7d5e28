import type { ServiceDeps } from '../../dialogue/service';
import type { Notice, NoticeKind } from '../../people/notifications';
import type { Tx } from '../../platform/database';
import type { FireKind } from './due-times';

/** What happens to a question that somebody has to know who is not looking at it. */
export type Happening = 'assigned' | 'supplemented' | FireKind;

const says: Record<Happening, [NoticeKind, (number: string) => string]> = {
  assigned: ['assigned', (number) => `提问 ${number} 分给了您`],
  supplemented: ['added', (number) => `市民补充了提问 ${number}`],
  'first-warning': ['due-soon', (number) => `提问 ${number} 快到首次答复时限了`],
  'due-warning': ['due-soon', (number) => `提问 ${number} 快到办理期限了`],
  'first-chase': ['overdue', (number) => `提问 ${number} 已过首次答复时限`],
  chase: ['overdue', (number) => `提问 ${number} 已过办理期限`],
  escalation: ['escalated', (number) => `提问 ${number} 转由督查人员决定`],
};

/** Tells whoever has the question; its department's clerks while nobody has; and supervisors of what they have to decide. */
export async function notifyStaff(
  tx: Tx,
  { notify }: Pick<ServiceDeps, 'notify'>,
  happened: readonly { id: string; event: Happening }[],
  except?: number,
): Promise<void> {
  if (happened.length === 0) return;
  const rows = await tx.query<Row>(
    `SELECT q.id, q.number, q.assignee_id, q.organisation_id, a.organisation_id AS account_organisation_id
       FROM questions q JOIN accounts a ON a.id = q.account_id WHERE q.id = ANY ($1::bigint[])`,
    [happened.map(({ id }) => id)],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  const notices = happened.flatMap(({ id, event }): Notice[] => {
    const row = found.get(id);
    if (!row) return [];
    const [kind, title] = says[event];
    return [
      {
        ...whom(row, event),
        ...(except !== undefined && { except }),
        kind,
        title: title(row.number),
        link: `/questions/${id}`,
        about: `question:${id}:${kind}`,
      },
    ];
  });
  await notify(tx, notices);
}

type Row = {
  id: string;
  number: string;
  assignee_id: number | null;
  organisation_id: number | null;
  account_organisation_id: number;
};

function whom(row: Row, event: Happening): Pick<Notice, 'staffIds' | 'roles'> {
  const staffIds = [row.assignee_id];
  const organisationId = row.organisation_id ?? row.account_organisation_id;
  if (event === 'escalation') return { staffIds, roles: { roles: ['supervisor'], organisationId } };
  if (row.assignee_id !== null || event === 'assigned') return { staffIds };
  return { roles: { roles: row.organisation_id === null ? ['dispatcher'] : ['clerk'], organisationId } };
}
