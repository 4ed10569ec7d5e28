import type { Delivery } from '../../delivery/delivery';
import type { Texts } from '../../delivery/texts';
import type { Account } from '../../people/accounts';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database';
import { createDeadline } from '../../platform/deadline';
import { isDatabaseDown, isStatementTimeout, UserError } from '../../platform/errors';
import type { Events } from '../../platform/events';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Log } from '../../platform/log';
import type { Metrics } from '../../platform/metrics';
import type { Dialogue } from '../answer';
import { type Answered, isWriting, type Outcome } from '../chat';
import { type Inbound, none, text } from '../message';
import { isKnownMessage, SessionMoved, storeAlone } from './alone';
import { createBatch } from './batch';
import { createMemory } from './memory';
import { contactOf, kindOf, openChat, openRecord, record, toJson } from './record';
import { followingAfter, type LoadedRow, loadRows, messageColumns, sessionColumns } from './rows';
import { isSame, laneOf, newRun, type Received, type Run } from './run';
import * as sql from './statements';

export type InboxDeps = {
  db: Database;
  clock: Clock;
  events: Events;
  log: Log;
  metrics: Metrics;
  encryption: FieldEncryption;
  texts: Texts;
  delivery: Delivery;
};

export type Inbox = ReturnType<typeof createInbox>;

/** WeChat drops a callback after 5 s: what is not answered by then leaves as `success` and is delivered later. */
const lateAfterMillis = 4500;
/** A handler that only reads is given up after this. */
const handlerLimitMillis = 60_000;
/** Against another process that is always quicker; long before this the message is late and waits for nobody. */
const mostAttempts = 100;

/**
 * The durable record of every callback. A message goes through two groups: `load` finds its session and whether it is known
 * (unless this process remembers), `commit` stores message, reply and session. Only what is committed leaves. A handler that writes goes alone, in a transaction
 * that also holds its message and session.
 */
export function createInbox(deps: InboxDeps, dialogue: Dialogue) {
  const { db, clock, encryption, metrics, log } = deps;
  const memory = createMemory();
  const lanes = new Map<string, Run[]>();
  const late = createDeadline<Run>(lateAfterMillis, becomeLate);
  const stuck = createDeadline<() => void>(handlerLimitMillis, (giveUp) => giveUp());
  const loading = createBatch<Run>({ work: loadGroup, largest: largestGroup, atOnce: 2 });
  const committing = createBatch<[Run, Outcome]>({ work: commitGroup, largest: largestGroup, atOnce: 2 });

  /** Of all lanes a quarter: while Postgres has one group there is another to work on, and nobody waits for everybody. */
  function largestGroup(): number {
    return Math.min(128, Math.max(16, Math.ceil(lanes.size / 4)));
  }

  /** Answers one callback, or joins the run that answers it already. Rejects when Postgres is out of reach. */
  function receive(account: Account, inbound: Inbound): Promise<Received> {
    const same = underWay(account, inbound);
    if (same) return same.result;
    const run = newRun(account, inbound, clock.millis());
    run.limit = late.start(run);
    enter(run);
    return run.result;
  }

  const underWay = (account: Account, inbound: Inbound): Run | undefined =>
    lanes.get(laneOf(account, inbound))?.find((run) => isSame(run.inbound, inbound));

  function enter(run: Run): void {
    const lane = lanes.get(run.lane);
    if (lane) lane.push(run);
    else {
      lanes.set(run.lane, [run]);
      start(run);
    }
  }

  /** The run is over, answered or not: the citizen's next one may start. */
  function leave(run: Run): void {
    if (run.limit) late.end(run.limit);
    const lane = lanes.get(run.lane)!;
    lane.shift();
    const next = lane[0];
    if (next) start(next);
    else lanes.delete(run.lane);
  }

  function start(run: Run): void {
    const remembered = run.lateness ? undefined : memory.recall(run);
    if (!remembered) return loading.add(run);
    run.version = remembered.version;
    run.chat = remembered.chat;
    run.following = remembered.following;
    run.waiting = remembered.waiting;
    handle(run);
  }

  async function loadGroup(runs: Run[]): Promise<void> {
    let rows: LoadedRow[];
    try {
      rows = (await db.inboxPool.query({ name: 'inbox-load', text: sql.load, values: [loadRows(runs)] })).rows;
    } catch (error) {
      if (isDatabaseDown(error) || isStatementTimeout(error) || runs.length === 1)
        for (const run of runs) fail(run, error);
      // One message that Postgres refuses must not take its neighbours along: each by itself.
      else for (const run of runs) await loadGroup([run]);
      return;
    }
    for (const row of rows) begin(runs[row.n]!, row);
  }

  function begin(run: Run, row: LoadedRow): void {
    if (row.status !== null && !(row.status === 'late' && run.lateness)) return repeatReply(run, row);
    run.version = row.version ?? 0;
    run.chat = openChat(row.state, encryption);
    run.following = row.following ?? true;
    run.waiting = row.waiting ?? 0;
    handle(run);
  }

  function handle(run: Run): void {
    if (run.givenUp) return proceed(run, apology(run, new Error('this message brought its process down every time')));
    let answered: Answered | Promise<Answered>;
    try {
      answered = dialogue.answer({ account: run.account, inbound: run.inbound, chat: run.chat, at: clock.now() });
    } catch (error) {
      return proceed(run, apology(run, error));
    }
    if (answered instanceof Promise) handleLater(run, answered);
    else proceed(run, answered);
  }

  function handleLater(run: Run, answered: Promise<Answered>): void {
    let over = false;
    const once = (done: Answered) => {
      if (over) return;
      over = true;
      stuck.end(limit);
      proceed(run, done);
    };
    const limit = stuck.start(() =>
      once(apology(run, new Error(`the handler took longer than ${handlerLimitMillis} ms`))),
    );
    answered.then(once, (error: unknown) => once(apology(run, error)));
  }

  /** Known already: the answer it got, or `success` again where that is still to come. */
  function repeatReply(run: Run, row: LoadedRow): void {
    const stored = { message: { type: '' }, reply: row.reply, sealed: row.sealed };
    const reply = row.status === 'late' ? none : (openRecord(stored, encryption).reply ?? none);
    run.settle({ reply, at: Math.floor(row.answered_at ?? 0) });
    leave(run);
  }

  function proceed(run: Run, answered: Answered): void {
    if (!isWriting(answered) && !run.lateness && !answered.rest && !(run.waiting > 0 && contactOf(run.inbound) > 0)) {
      committing.add([run, answered]);
      return;
    }
    void commitAlone(run, answered);
  }

  async function commitGroup(group: [Run, Outcome][]): Promise<void> {
    // One order for all groups of all processes, so that two cannot wait for each other's rows.
    group.sort(([one], [other]) => (one.lane < other.lane ? -1 : 1));
    const at = clock.millis() / 1000;
    metrics.groupSize.observe(group.length);
    let moved: Set<number>;
    try {
      const { rows } = await db.inboxPool.query<{ n: number }>({
        name: 'inbox-commit',
        text: sql.commit,
        values: [at, ...sessionColumns(group, encryption), ...messageColumns(group, encryption)],
      });
      moved = new Set(rows.map(({ n }) => n));
    } catch (error) {
      if (isDatabaseDown(error) || isStatementTimeout(error)) for (const [run] of group) fail(run, error);
      else if (isKnownMessage(error)) for (const [run] of group) again(run);
      else if (group.length === 1) refuseOrRetry(group[0]![0], error);
      else for (const one of group) await commitGroup([one]);
      return;
    }
    for (const [n, [run, outcome]] of group.entries()) {
      if (moved.has(n)) again(run);
      else {
        memory.keep(run, outcome.chat, followingAfter(run));
        finish(run, outcome, at);
      }
    }
  }

  async function commitAlone(run: Run, answered: Answered): Promise<void> {
    try {
      const at = clock.millis() / 1000;
      const outcome = await storeAlone(deps, run, answered, at);
      memory.forget(run.lane);
      finish(run, outcome, at);
    } catch (error) {
      if (error instanceof SessionMoved || isKnownMessage(error)) again(run);
      else if (isDatabaseDown(error)) fail(run, error);
      else refuseOrRetry(run, error);
    }
  }

  function finish(run: Run, outcome: Outcome, at: number): void {
    if (!run.settled) run.settle({ reply: outcome.reply, at: Math.floor(at) });
    leave(run);
  }

  /** From the start: the session, or the message itself, has changed hands. The longer it goes on, the longer the pause. */
  function again(run: Run): void {
    run.attempts++;
    memory.moved(run.lane);
    if (run.attempts >= mostAttempts) fail(run, new Error(`a session moved ${run.attempts} times during one message`));
    else setTimeout(() => loading.add(run), Math.random() * 5 * run.attempts);
  }

  /** The handler's own fault (its transaction is undone): the citizen is told, once; what even that cannot store is refused. */
  function refuseOrRetry(run: Run, error: unknown): void {
    if (run.refusedOnce) return fail(run, error);
    run.refusedOnce = true;
    proceed(run, apology(run, error));
  }

  function apology(run: Run, error: unknown): Outcome {
    log.error({ err: error, kind: kindOf(run.inbound), account: run.account.key }, 'a message could not be handled');
    const say = deps.texts.say('dialogue.failed', {}, run.account.id);
    // The chat stays where it was, so that the citizen can give the same answer again.
    return { reply: contactOf(run.inbound) > 0 ? text(say) : none, chat: run.chat, handledBy: 'failed', failed: true };
  }

  function fail(run: Run, error: unknown): void {
    if (!isDatabaseDown(error)) log.error({ err: error, kind: kindOf(run.inbound) }, 'a message could not be stored');
    memory.forget(run.lane);
    if (!run.settled) run.refuse(new UserError(503, 'unavailable', 'try again', undefined));
    leave(run);
  }

  /** 4.5 s are over. The message is stored as it came, `success` leaves, and the run goes on. */
  function becomeLate(run: Run): void {
    if (run.settled) return;
    const { account, inbound } = run;
    const recorded = record(inbound, undefined, encryption);
    const at = clock.millis() / 1000;
    const key = [account.id, inbound.openid, inbound.createTime, inbound.dedupe, at];
    run.lateness = db.inboxPool
      .query(sql.insertLate, [
        ...key,
        kindOf(inbound),
        toJson(recorded.message),
        recorded.sealed,
        deps.events.processId(),
      ])
      .then(({ rowCount }) => rowCount === 1);
    run.lateness.then(
      (late) => {
        if (late && !run.settled) run.settle({ reply: none, at: Math.floor(at) });
      },
      (error: unknown) => {
        run.lateness = undefined;
        if (!run.settled) run.refuse(error);
      },
    );
  }

  /** Runs a late message again whose process has died; `givenUp`: only tells the citizen that it failed. */
  async function rerun(account: Account, inbound: Inbound, givenUp: boolean): Promise<void> {
    const run = newRun(account, inbound, clock.millis());
    run.givenUp = givenUp;
    if (underWay(account, inbound)) return;
    run.lateness = Promise.resolve(true);
    run.settle({ reply: none, at: 0 });
    enter(run);
    await run.result;
  }

  // What was missed while the connection was away cannot be known.
  deps.events.subscribe('reconnected', memory.clear);

  const runs = () => [...lanes.values()].flat();

  return {
    receive,
    rerun,
    /** how many messages are under way */
    size: () => runs().length,
    /** Waits for those under way. */
    async drain(): Promise<void> {
      await Promise.allSettled(runs().map(({ result }) => result));
      while (lanes.size > 0) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
