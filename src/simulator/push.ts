import { setTimeout as pause } from 'node:timers/promises';
import { prepareKey } from '../wechat/crypto';
import { type PushTree, renderPush } from '../wechat/push-xml';
import { drawFault } from './faults';
import { addMessage } from './messages';
import { attemptPush, type Push } from './push-attempt';
import { nextTraceId } from './traces';
import type { ChatMessage, NewMessage, SimulatedAccount, Simulator } from './types';

export type PushOutcome = {
  /** HTTP status of the last attempt, 0 when no answer came */
  status: number;
  ms: number;
  replies: ChatMessage[];
  traceId: number;
  attempts: number;
  error?: string;
};

/** Who events that concern no citizen (a publication that is through) come from. */
export const platformOpenid = 'oSimulatorPlatform0000000000';

const failureNotice = '该公众号提供的服务出现故障，请稍后再试';

/** Pushes an event of the platform's own, such as a receipt. */
export function pushEvent(
  sim: Simulator,
  account: SimulatedAccount,
  openid: string,
  event: PushTree & { Event: string },
) {
  const from = openid || platformOpenid;
  const xml = renderPush(pushTree(sim, account, from, { MsgType: 'event', ...event }));
  return push(sim, account, { openid: from, xml, name: event.Event, answered: false, message: false });
}

/** The elements every push begins with. */
export function pushTree(sim: Simulator, account: SimulatedAccount, from: string, rest: PushTree): PushTree {
  return {
    ToUserName: account.originalId,
    FromUserName: from,
    CreateTime: Math.floor(sim.clock.millis() / 1000),
    ...rest,
  };
}

/** Sends a push to the account's callback, repeats and ordered faults included, and puts the reply into the chat. */
export async function push(sim: Simulator, account: SimulatedAccount, order: Push): Promise<PushOutcome> {
  const misfortune = await drawFault(sim, 'push', order.name, account.key);
  const line = `push:${account.key}`;
  if (misfortune.latency > 0) await pause(misfortune.latency);
  if (misfortune.kind === 'reorder') await sim.holds.hold(line, misfortune.ms);
  try {
    const twin =
      misfortune.kind === 'repeat' && misfortune.ms !== undefined
        ? repeatAfter(sim, account, order, misfortune.ms)
        : undefined;
    const outcome = await deliver(sim, account, order, misfortune.kind);
    if (misfortune.kind === 'repeat') await (twin ?? repeatAfter(sim, account, order, 0));
    return outcome;
  } finally {
    sim.holds.passed(line);
  }
}

/** The same push once more; its reply is not shown, as WeChat shows one reply to one message. */
async function repeatAfter(sim: Simulator, account: SimulatedAccount, order: Push, ms: number) {
  if (ms > 0) await pause(ms);
  await deliver(sim, account, { ...order, answered: false, traceId: undefined });
}

async function deliver(sim: Simulator, account: SimulatedAccount, order: Push, fault?: string): Promise<PushOutcome> {
  const secrets = { token: account.token, key: prepareKey(account.aesKey) };
  const traceId = order.traceId ?? (await nextTraceId(sim));
  const attempts = sim.pushAttempts ?? 3;
  for (let attempt = 1; ; attempt++) {
    const id = attempt === 1 ? traceId : await nextTraceId(sim);
    const numbers = { id, pushId: traceId, attempt };
    const result = await attemptPush(sim, account, secrets, order, numbers, attempt === 1 ? fault : undefined);
    const told = { status: result.status ?? 0, ms: Math.round(result.ms), traceId, attempts: attempt };
    if (result.outcome === 'answered') return { ...told, replies: await show(sim, account, order, result.messages) };
    if (result.outcome === 'unusable' || attempt >= attempts || sim.closing) {
      return { ...told, replies: await show(sim, account, order, [notice]), error: result.error };
    }
    if (!result.timedOut) await pause(sim.retryDelayMs ?? 500);
  }
}

const notice: NewMessage = { from: 'account', via: 'notice', type: 'notice', body: { content: failureNotice } };

async function show(
  sim: Simulator,
  account: SimulatedAccount,
  order: Push,
  messages: NewMessage[],
): Promise<ChatMessage[]> {
  if (!order.answered) return [];
  const shown: ChatMessage[] = [];
  for (const message of messages) shown.push(await addMessage(sim, account.key, order.openid, message));
  return shown;
}
