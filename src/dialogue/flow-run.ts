import type { Tx } from '../platform/database';
import type { Answered, Chat, Outcome } from './chat';
import type { AnyAnswers, Ended, Flow, Step } from './flow';
import { text } from './message';
import { offer, say } from './outcomes';
import { toOptions } from './questions';
import type { Said } from './said';
import type { ServiceContext } from './service';

type FlowState = NonNullable<Chat['flow']>;

/** The question that follows the last one of a flow with `confirm`. */
const confirmation = 'confirm';

/** Opens a flow, with answers already given where `answers` has some, and asks the first question that is left. */
export function startFlow(flow: Flow, answers: AnyAnswers, ctx: ServiceContext): Promise<Answered> {
  return goOn(flow, answers, 0, '', ctx);
}

/** Reads what was said as the answer to the question asked. Wrong input is told what was expected, and asked again. */
export async function continueFlow(flow: Flow, state: FlowState, said: Said, ctx: ServiceContext): Promise<Answered> {
  if (state.asked === confirmation) return readConfirmation(flow, state, said, ctx);
  const index = flow.steps.findIndex(({ key }) => key === state.asked);
  const step = flow.steps[index];
  if (!step) return leave(flow, say('dialogue.flow-changed', ctx));
  const read = step.question.read(said, state.offered, state.answers[step.key]);
  if ('expected' in read) return wrongInput(flow, state, said, read.expected, ctx);
  if ('more' in read) {
    const answers = { ...state.answers, [step.key]: read.value };
    return stay(flow, { ...state, answers }, say('dialogue.more', ctx, read.more), ctx);
  }
  return goOn(flow, { ...state.answers, [step.key]: read.value }, index + 1, '', ctx);
}

/** Whether what was said can be an answer to the question asked. */
export function reads(flow: Flow, state: FlowState, said: Said): boolean {
  const question = flow.steps.find(({ key }) => key === state.asked)?.question;
  return question !== undefined && !('expected' in question.read(said, state.offered, state.answers[state.asked]));
}

/** 返回: the question before the one asked, or undefined at the first. */
export async function stepBack(flow: Flow, state: FlowState, ctx: ServiceContext): Promise<Answered | undefined> {
  const index =
    state.asked === confirmation ? flow.steps.length : flow.steps.findIndex(({ key }) => key === state.asked);
  for (let before = index - 1; before >= 0; before--) {
    const step = flow.steps[before]!;
    if (!(step.key in state.answers)) continue;
    // Of the question that is left, too: it may have been answered in part.
    const answers = Object.fromEntries(
      Object.entries(state.answers).filter(([key]) => key !== step.key && key !== state.asked),
    );
    return ask(flow, step, answers, '', ctx);
  }
  return undefined;
}

/** The same question again within the text `key` (variable `question`); the options stay those the citizen has seen. */
export async function repeat(
  flow: Flow,
  state: FlowState,
  key: string,
  ctx: ServiceContext,
  variables: Record<string, string> = {},
): Promise<Outcome> {
  const step = flow.steps.find((one) => one.key === state.asked);
  const question = step ? prompt(flow, step, state, ctx) : await confirmText(flow, state.answers, ctx);
  return stay(flow, state, say(key, ctx, { flowTitle: flow.title, question, ...variables }), ctx);
}

async function goOn(
  flow: Flow,
  answers: AnyAnswers,
  from: number,
  preface: string,
  ctx: ServiceContext,
): Promise<Answered> {
  for (const step of flow.steps.slice(from)) {
    if (step.key in answers || (step.when && !(await step.when(answers, ctx)))) continue;
    return ask(flow, step, answers, preface, ctx);
  }
  if (!flow.confirm) return end(flow, answers, ctx);
  const state = { flow: flow.key, answers, asked: confirmation, offered: [] };
  return stay(flow, state, preface + (await confirmText(flow, answers, ctx)), ctx);
}

async function ask(
  flow: Flow,
  step: Step,
  answers: AnyAnswers,
  preface: string,
  ctx: ServiceContext,
): Promise<Outcome> {
  const found = (await step.question.offer?.(answers, ctx)) ?? [];
  const offered = toOptions('rest' in found ? found.offered : found);
  if (step.question.offer && offered.length === 0) {
    // A question or its flow may say in its own words why there is nothing.
    const own = [`${flow.key}.${step.key}.nothing`, `${flow.key}.nothing`].find((key) => ctx.deps.texts.has(key));
    return leave(
      flow,
      say(own ?? 'dialogue.nothing-to-choose', ctx, { site: ctx.deps.publicUrl, account: ctx.account.key }),
    );
  }
  const rest = 'rest' in found ? found.rest : '';
  const state = { flow: flow.key, answers, asked: step.key, offered, ...(rest !== '' && { rest }) };
  return stay(flow, state, preface + prompt(flow, step, state, ctx), ctx);
}

async function readConfirmation(flow: Flow, state: FlowState, said: Said, ctx: ServiceContext): Promise<Answered> {
  const word = said.kind === 'text' ? said.text : '';
  if (/^(?:1|确认|是|是的|好|好的|对|ok|yes)$/i.test(word)) return end(flow, state.answers, ctx);
  if (/^(?:0|否|不|不要|不是|no)$/i.test(word))
    return leave(flow, say('dialogue.cancelled', ctx, { flowTitle: flow.title }));
  return wrongInput(flow, state, said, '请回复 1 确认，或回复 0 取消', ctx);
}

async function end(flow: Flow, answers: AnyAnswers, ctx: ServiceContext): Promise<Answered> {
  const { end } = flow;
  if (end.writes) {
    const instead = await end.unless?.(answers, ctx);
    if (instead !== undefined) return conclude(flow, answers, instead, ctx);
    return { write: async (tx: Tx) => conclude(flow, answers, await end.run(answers, { ...ctx, tx }), ctx) };
  }
  return conclude(flow, answers, await end.run(answers, ctx), ctx);
}

async function conclude(flow: Flow, answers: AnyAnswers, ended: Ended, ctx: ServiceContext): Promise<Outcome> {
  if (typeof ended === 'string') return leave(flow, ended, personal(flow));
  if ('offers' in ended) return { ...offer(ended.heading, ended.offers, flow.key, ctx), personal: personal(flow) };
  if (!('askAgain' in ended)) return { reply: ended, chat: null, handledBy: flow.key, personal: personal(flow) };
  const step = flow.steps.find(({ key }) => key === ended.askAgain);
  if (!step) throw new Error(`flow ${flow.key} asks ${ended.askAgain} again, which it never asks`);
  // What was answered after that question was answered on the strength of it.
  const kept = flow.steps.slice(0, flow.steps.indexOf(step)).map(({ key }) => key);
  const left = Object.fromEntries(Object.entries(answers).filter(([key]) => kept.includes(key)));
  return ask(flow, step, left, `${ended.say}\n`, ctx);
}

function stay(flow: Flow, state: FlowState, words: string, ctx: ServiceContext): Outcome {
  return {
    reply: text(words),
    chat: { flow: state, at: Math.floor(ctx.at.getTime() / 1000) },
    handledBy: flow.key,
    personal: personal(flow),
  };
}

const leave = (flow: Flow, words: string, isPersonal = false): Outcome => ({
  reply: text(words),
  chat: null,
  handledBy: flow.key,
  personal: isPersonal,
});

const personal = (flow: Flow) => flow.steps.some(({ question }) => question.personal);

function prompt(flow: Flow, step: Step, { offered, rest }: FlowState, ctx: ServiceContext): string {
  const question = ctx.deps.texts.line(`${flow.key}.${step.key}`, step.text, ctx.account.id);
  const about = step.question.about?.(ctx);
  const options = offered.map(({ label }, index) => `${index + 1}. ${label}`);
  return [question, ...(about ? [about] : []), ...options, ...(rest ? [rest] : [])].join('\n');
}

async function confirmText(flow: Flow, answers: AnyAnswers, ctx: ServiceContext): Promise<string> {
  return flow.confirm ? flow.confirm(answers, ctx) : '';
}

function wrongInput(flow: Flow, state: FlowState, said: Said, expected: string, ctx: ServiceContext): Promise<Outcome> {
  const key = said.kind === 'text' ? 'dialogue.wrong-choice' : 'dialogue.media-in-flow';
  return repeat(flow, state, key, ctx, { expected, media: mediaNames[said.kind] });
}

const mediaNames: Record<Said['kind'], string> = {
  text: '文字',
  image: '图片',
  location: '位置',
  voice: '语音',
  video: '视频',
  link: '链接',
  emoji: '表情',
  other: '消息',
};
