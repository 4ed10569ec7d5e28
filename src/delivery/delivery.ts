import { z } from 'zod';
import type { Queryable } from '../platform/database';
import type { JobHandler, Sweep } from '../platform/jobs';
import { enqueue, type NewDelivery } from './enqueue';
import { type Filter, find, findOpened, type Listed, list } from './list';
import { confirmSubscribe, confirmTemplate, type SubscribeReceipt, type TemplateReceipt } from './receipts';
import { resend } from './resend';
import type { Citizen, DeliveryDeps } from './row';
import { createRunner } from './runner';
import { sweep } from './sweep';
import { contacted } from './wake';

export type { NewDelivery } from './enqueue';
export type { Listed } from './list';
export type { Message, Notice } from './message';
export type { SendOutcome, WechatPort } from './port';
export type { DeliveryDeps, Status } from './row';

export type Delivery = ReturnType<typeof createDelivery>;

const payload = z.object({ accountId: z.number(), openid: z.string() });

/**
 * Messages that leave later. Each has a status that people can see and ends as delivered, failed with a reason, or
 * waiting for the citizen's next contact; none is sent twice because an answer got lost.
 */
export function createDelivery(deps: DeliveryDeps) {
  const { db, encryption } = deps;
  const runner = createRunner(deps);

  const handlers: Record<string, JobHandler> = {
    deliver: async (citizen) => runner.deliverTo(payload.parse(citizen)),
  };
  // Also what restarts, retries and a clock that jumped leave to do.
  const sweeps: Sweep[] = [{ name: 'deliveries', seconds: 3, run: () => sweep(runner, deps) }];

  return {
    /** Puts a message into the citizen's line, if and when the given transaction commits. */
    enqueue: (on: Queryable, delivery: NewDelivery): Promise<string | undefined> => enqueue(on, delivery, deps),
    /** To be called where a citizen's contact is stored, after their session: what waits for them goes out. */
    contacted: (on: Queryable, citizen: Citizen): Promise<void> => contacted(on, citizen, deps),
    /** Receipts; with `openid` also those that overtake the answer to the send. */
    confirmTemplate: (on: Queryable, receipt: TemplateReceipt): Promise<void> => confirmTemplate(on, receipt, deps),
    confirmSubscribe: (on: Queryable, receipt: SubscribeReceipt): Promise<void> => confirmSubscribe(on, receipt, deps),
    /** @throws UserError 404, 409 */
    resend: (id: string, on: Queryable): Promise<void> => resend(on, id, deps),

    /** The newest first; what names a person stays sealed. */
    list: (filter: Filter): Promise<Listed[]> => list(db, filter),
    /** One; what names a person stays sealed. */
    find: (id: string): Promise<Listed | undefined> => find(db, id),
    /** A citizen's own messages, for the citizen: everything opened. */
    listFor: ({ accountId, openid }: Citizen, page: Pick<Filter, 'after' | 'limit'> = {}): Promise<Listed[]> =>
      list(db, { accountId, openid, ...page }, encryption),
    /** One with its content opened; in the transaction that also records who read it. */
    reveal: (id: string, on: Queryable): Promise<Listed | undefined> => findOpened(on, id, encryption),

    handlers,
    sweeps,
    /** Before the jobs are stopped: finishes the sends under way and begins no more. */
    stop: runner.stop,
  };
}
