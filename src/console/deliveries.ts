import { z } from 'zod';
import type { Account } from '../people/accounts';
import type { Staff, StaffRole } from '../people/staff';
import { notFound } from '../platform/errors';
import { visibleAccount, visibleAccounts } from './account-access';
import { bubble, words } from './bubbles';
import { accountKey, done, pageOf, paging, revealers, revealReason, route } from './contract';
import { fromCursor, toCursor } from './cursor';
import { type DeliveryItem, deliveryItem, deliveryStatuses, deliveryWords, describeDelivery } from './delivery-view';
import type { ConsoleDeps } from './deps';
import { trace } from './trace';

const readers = ['operator', 'supervisor', 'admin'] as const;
const resenders = ['operator', 'supervisor'] as const;
const params = z.object({ id: z.string().regex(/^\d{1,18}$/, '应为数字编号') });

export const deliveryRoutes = [
  route({
    method: 'get',
    path: '/deliveries',
    summary: '发出的消息与它们的下落，新的在前',
    role: readers,
    query: z.object({
      ...paging,
      account: accountKey,
      status: z.enum(deliveryStatuses).optional(),
      openid: z.string().max(64).optional(),
    }),
    output: pageOf(deliveryItem),
    handler: async ({ query: { account: key, after, limit, ...filter }, caller }, deps) => {
      const { id: accountId } = await visibleAccount(key, caller, readers, deps);
      const place = fromCursor(after, 'time', 'id');
      const found = await deps.delivery.list({
        accountId,
        ...filter,
        after: place ? { createdAt: new Date(place[0]!), id: place[1]! } : undefined,
        limit: limit + 1,
      });
      const items = found.slice(0, limit).map((one) => describeDelivery(one, deps.titles));
      const last = items.at(-1);
      return { items, next: last && found.length > limit ? toCursor(last.at, last.id) : null };
    },
  }),
  route({
    method: 'get',
    path: '/deliveries/:id',
    summary: '一条发出的消息',
    role: readers,
    params,
    output: deliveryItem.extend({ account: z.string() }),
    handler: async ({ params, caller }, deps) => {
      const { account, delivery } = await visibleDelivery(params.id, caller, readers, deps);
      return { ...delivery, account: account.key };
    },
  }),
  route({
    method: 'post',
    path: '/deliveries/:id/resend',
    summary: '再发一次没有送到的消息',
    role: resenders,
    params,
    output: done,
    handler: async (call, deps) => {
      const { id } = call.params;
      const { account } = await visibleDelivery(id, call.caller, resenders, deps);
      await deps.db.transaction(async (tx) => {
        await deps.delivery.resend(id, tx);
        const detail = { account: account.key };
        await trace(
          tx,
          call,
          { organisationId: account.organisationId, action: 'delivery.resend', subject: `delivery:${id}`, detail },
          deps,
        );
      });
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/deliveries/:id/reveal',
    summary: '查看加密保存的原文；要写明理由，并记入审计',
    role: revealers,
    params,
    body: z.strictObject({ reason: revealReason }),
    output: z.object({ bubbles: z.array(bubble) }),
    handler: async (call, deps) => {
      const { id } = call.params;
      const { account } = await visibleDelivery(id, call.caller, revealers, deps);
      return deps.db.transaction(async (tx) => {
        const opened = await deps.delivery.reveal(id, tx);
        const detail = { account: account.key, reason: call.body.reason };
        await trace(
          tx,
          call,
          { organisationId: account.organisationId, action: 'delivery.reveal', subject: `delivery:${id}`, detail },
          deps,
        );
        return { bubbles: opened?.content ? [words('account', deliveryWords(opened.content))] : [] };
      });
    },
  }),
];

async function visibleDelivery(
  id: string,
  staff: Staff,
  roles: readonly StaffRole[],
  deps: ConsoleDeps,
): Promise<{ account: Account; delivery: DeliveryItem }> {
  const found = await deps.delivery.find(id);
  const account = found && (await visibleAccounts(staff, roles, deps)).find((one) => one.id === found.accountId);
  if (!found || !account) throw notFound(`消息 ${id}`);
  return { account, delivery: describeDelivery(found, deps.titles) };
}
