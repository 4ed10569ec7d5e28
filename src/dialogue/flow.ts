import type { Reply } from './message';
import type { Said } from './said';
import type { Offer, ServiceContext, WritingContext } from './service';

/**
 * A dialogue of several questions, declared as a list. Nothing of it runs here: flow-run.ts asks, reads answers and stores
 * where the citizen stands.
 *
 *     export const bookFlow = flow('appointments.book')
 *       .ask('office', '请选择办事大厅：', choice(() => offices))
 *       .ask('day', '请选择日期：', choice((a, ctx) => openDays(ctx, a.office)))
 *       .confirm((a) => `${a.office} ${a.day}\n回复 1 确认预约，回复 0 取消。`)
 *       .done(async (a, ctx) => `预约成功，编号 ${await book(ctx, a)}。`)
 */
export const flow = (key: string, title = '') => new FlowBuilder<Record<never, never>>(key, title, []);

export type Option = { value: string; label: string };

/** A kind of question: how the answers on offer are found and how what a citizen said becomes a value. */
export type Question<Answers, Value> = {
  /** what is to be read before answering, between the question and its options */
  about?: (ctx: ServiceContext) => string;
  offer?: (answers: Answers, ctx: ServiceContext) => Offered | Cut | Promise<Offered | Cut>;
  /**
   * The value, or in words what was expected (shown before the question is asked again). With `more` the value so far: the citizen
   * is told with the text `dialogue.more` what there is, and goes on answering; `before` is that value then.
   */
  read: (
    said: Said,
    offered: Option[],
    before?: Value,
  ) => { value: Value } | { value: Value; more: Record<string, unknown> } | { expected: string };
  /** the answer identifies a person: encrypted where it is stored */
  personal?: boolean;
};
export type Offered = readonly (string | Option)[];
/** Fewer than there are; `rest` says, below them, where the others are. */
export type Cut = { offered: Offered; rest: string };

/** What the end of a flow answers: a text, a reply, a list to choose from, or a question to be asked again because its answer no longer holds. */
export type Ended = string | Reply | Listed | { askAgain: string; say: string };
export type Listed = { heading: string; offers: Offer[] };

export type Step = {
  key: string;
  text: string;
  question: Question<AnyAnswers, unknown>;
  when?: When<AnyAnswers>;
};
type When<Answers> = (answers: Answers, ctx: ServiceContext) => boolean | Promise<boolean>;
export type AnyAnswers = Record<string, unknown>;

export type Flow = {
  key: string;
  /** what citizens call it: 已取消「预约办事」 */
  title: string;
  steps: readonly Step[];
  confirm?: (answers: AnyAnswers, ctx: ServiceContext) => string | Promise<string>;
  end:
    | {
        writes: true;
        run: (answers: AnyAnswers, ctx: WritingContext) => Promise<Ended>;
        unless?: (answers: AnyAnswers, ctx: ServiceContext) => Promise<Ended | undefined>;
      }
    | { writes: false; run: (answers: AnyAnswers, ctx: ServiceContext) => Ended | Promise<Ended> };
};

class FlowBuilder<Answers> {
  constructor(
    private readonly key: string,
    private readonly title: string,
    private readonly steps: readonly Step[],
    private readonly confirmation?: Flow['confirm'],
  ) {}

  ask<Key extends string, Value>(
    key: Key,
    text: string,
    question: Question<Answers, Value>,
  ): FlowBuilder<Answers & { [K in Key]: Value }> {
    return this.with({ key, text, question: question as Step['question'] });
  }

  /** Asked only where `when` holds; the answer is missing otherwise. */
  askWhen<Key extends string, Value>(
    when: When<Answers>,
    key: Key,
    text: string,
    question: Question<Answers, Value>,
  ): FlowBuilder<Answers & { [K in Key]?: Value }> {
    return this.with({ key, text, question: question as Step['question'], when: when as Step['when'] });
  }

  /** Never asked: whoever opens the flow may give it along. */
  given<Key extends string>(_key: Key): FlowBuilder<Answers & { [K in Key]?: string }> {
    return this.with();
  }

  /** Shows what was gathered; 1 goes on, 0 leaves. */
  confirm(tell: (answers: Answers, ctx: ServiceContext) => string | Promise<string>): FlowBuilder<Answers> {
    return new FlowBuilder(this.key, this.title, this.steps, tell as Flow['confirm']);
  }

  /**
   * Ends with a change: runs in the transaction that also holds the message, the session and the jobs (so it takes effect once).
   * `unless` is asked before, outside of it: what it answers is the end instead. It may run more than once for one message.
   */
  done(
    run: (answers: Answers, ctx: WritingContext) => Promise<Ended>,
    unless?: (answers: Answers, ctx: ServiceContext) => Promise<Ended | undefined>,
  ): Flow {
    return this.build({ writes: true, run, unless } as Flow['end']);
  }

  /** Ends with an answer only; may run more than once for one message. */
  tell(run: (answers: Answers, ctx: ServiceContext) => Ended | Promise<Ended>): Flow {
    return this.build({
      writes: false,
      run: run as (answers: AnyAnswers, ctx: ServiceContext) => Ended | Promise<Ended>,
    });
  }

  private with<Next>(step?: Step): FlowBuilder<Next> {
    if (!step) return new FlowBuilder<Next>(this.key, this.title, this.steps, this.confirmation);
    if (this.steps.some(({ key }) => key === step.key)) throw new Error(`flow ${this.key} asks ${step.key} twice`);
    return new FlowBuilder<Next>(this.key, this.title, [...this.steps, step], this.confirmation);
  }

  private build(end: Flow['end']): Flow {
    return { key: this.key, title: this.title, steps: this.steps, confirm: this.confirmation, end };
  }
}
