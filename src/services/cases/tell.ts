import type { NoticeKind, ServiceDeps } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { kindTitle, stateTitle, stateWords } from './kinds';
import { afterQuietHours } from './quiet-hours';

/** Kinds of notice, as operators see them. */
export const notices = {
  'cases.moved': { title: '办件进度', fields: ['事项', '编号', '进度', '时间', '说明'] },
} as const satisfies Record<string, NoticeKind>;
type Label = (typeof notices)['cases.moved']['fields'][number];

/** A case that is no longer where it was. */
export type Moved = { number: string; kind: string; state: string; moved_at: Date };

type Deps = Pick<ServiceDeps, 'clock' | 'delivery' | 'publicUrl' | 'settings' | 'accounts'>;
type Follower = { number: string; account_id: number; openid: string };

/** Tells everybody who follows a case of its new state: each once for each step, and not at night. */
export async function tellFollowers(tx: Tx, sourceId: number, moved: Moved[], deps: Deps): Promise<void> {
  if (moved.length === 0) return;
  const byNumber = new Map(moved.map((one) => [one.number, one]));
  const followers = await tx.query<Follower>(
    `SELECT f.number, f.account_id, f.openid FROM case_follows f
      WHERE f.source_id = $1 AND f.number = ANY ($2) AND (f.person_id IS NULL OR EXISTS (
        SELECT FROM person_bindings b WHERE b.account_id = f.account_id AND b.openid = f.openid
           AND b.person_id = f.person_id AND b.unbound_at IS NULL))
      ORDER BY f.account_id, f.openid, f.number`,
    [sourceId, [...byNumber.keys()]],
  );
  const notBefore = afterQuietHours(deps.clock.now(), deps.settings);
  for (const { number, account_id, openid } of followers) {
    const { kind, state, moved_at } = byNumber.get(number)!;
    await deps.delivery.enqueue(tx, {
      accountId: account_id,
      openid,
      source: `cases:${number}`,
      notice: {
        kind: 'cases.moved',
        title: `${kindTitle(kind)}：${stateTitle(kind, state)}`,
        data: {
          事项: kindTitle(kind),
          编号: number,
          进度: stateTitle(kind, state),
          时间: shanghai(moved_at),
          说明: stateWords(kind, state),
        } satisfies Record<Label, string>,
        url: citizenPage(deps, account_id, '/cases'),
      },
      dedupeKey: `cases.moved:${sourceId}:${number}:${state}:${moved_at.getTime()}:${openid}`,
      notBefore,
    });
  }
}
