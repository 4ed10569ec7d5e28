import type { Context, Middleware, Next } from 'koa';
import { madeUpOffice } from './backoffice';
import { createHolds } from './hold';
import { addMessage } from './messages';
import { PhoneError } from './phone/phone-error';
import { phoneRoutes } from './phone/routes';
import { platformApi } from './platform';
import { BodyTooLarge } from './request-body';
import type { Simulator, SimulatorDeps } from './types';

export type { SimulatedAccount, SimulatorDeps } from './types';

/**
 * Our stand-in for the WeChat platform and a phone, under `/simulator`. It lets anyone act as any citizen: for development and tests only.
 */
export function createSimulator(deps: SimulatorDeps) {
  const running = new Set<Promise<unknown>>();
  const openStreams = new Set<() => void>();
  const sim: Simulator = {
    ...deps,
    holds: createHolds(),
    closing: false,
    later: (work) => {
      const promise = work()
        .catch((error: unknown) => deps.log.error({ err: error }, 'a push of the simulated platform failed'))
        .finally(() => running.delete(promise));
      running.add(promise);
    },
  };
  const backoffice = madeUpOffice(sim);
  const platform = platformApi(sim);
  const phone = phoneRoutes(sim, openStreams).routes() as unknown as Middleware;

  return {
    routes: (async (ctx: Context, next: Next) => {
      if (!ctx.path.startsWith('/simulator/')) return next();
      await tellFaults(ctx, () =>
        backoffice(ctx, () => platform(ctx, () => phone(ctx as Parameters<Middleware>[0], next))),
      );
    }) as Middleware,
    /** A text message to the citizen's own phone: shown as a line in their chat. */
    showSms: (account: string, openid: string, text: string): Promise<unknown> =>
      addMessage(sim, account, openid, {
        from: 'account',
        via: 'notice',
        type: 'notice',
        body: { content: `【短信】${text}` },
      }),
    /** Ends the live streams, so that the server can close, and waits for receipts still on their way. */
    close: async () => {
      sim.closing = true;
      for (const close of [...openStreams]) close();
      await Promise.allSettled([...running]);
    },
    /** Waits for the pushes that go on after an answer. */
    idle: async () => {
      while (running.size > 0) await Promise.allSettled([...running]);
    },
  };
}

async function tellFaults(ctx: Context, work: () => Promise<unknown>) {
  try {
    await work();
  } catch (error) {
    if (error instanceof PhoneError) {
      ctx.status = error.status;
      ctx.body = { error: error.message };
    } else if (error instanceof BodyTooLarge) {
      ctx.status = 413;
      ctx.body = { error: '请求体过大' };
    } else throw error;
  }
}
