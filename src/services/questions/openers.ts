import type { CaseUnderWay, Hit } from '../../dialogue/contributions';
import type { Offer, Opener, ServiceContext } from '../../dialogue/service';
import { looksPersonal } from '../../platform/field-encryption';
import { visibleLength } from '../../platform/visible';
import { latestOf, questionsOf, toRate } from './citizen';
import { linkFor } from './link';
import type { QuestionRow } from './tables';
import { excerpt } from './wording';

const shown = 5;

/** The states of the last questions, and the page with all of them. */
export const showMine: Opener = async (_args, ctx) => {
  const { deps, account } = ctx;
  const mine = await questionsOf(deps.db, citizen(ctx), { limit: shown });
  const reply = deps.texts.say(
    'questions.mine',
    { count: mine.length, link: linkFor({ ...citizen(ctx), questionId: null }, deps) },
    account.id,
  );
  return mine.length === 0 ? { reply } : { reply, offers: mine.map(toOffer) };
};

/** One question, its state and the last answer. */
export const showOne: Opener = async ({ number = '' }, ctx) => {
  const { deps, account } = ctx;
  const question = (await questionsOf(deps.db, citizen(ctx), { limit: 50 })).find((one) => one.number === number);
  if (!question) return { reply: deps.texts.say('questions.none-open', {}, account.id) };
  const [answer] = await deps.db.query<{ text: string }>(
    `SELECT text FROM question_messages WHERE question_id = $1 AND kind = 'answer' ORDER BY id DESC LIMIT 1`,
    [question.id],
  );
  const variables = {
    number,
    question: excerpt(question.text, 100),
    state: stateOf(question),
    answer: answer ? excerpt(answer.text, 300) : '',
    link: linkFor({ ...citizen(ctx), questionId: question.id }, deps),
  };
  return { reply: deps.texts.say('questions.one', variables, account.id) };
};

/** The way to ask, also about something that another service shows. */
export const askOffer = (_ctx: ServiceContext, about?: { text: string; organisationId?: number }): Offer => {
  const offer = { label: '我要提问', key: 'questions.ask' };
  if (!about) return offer;
  const { text, organisationId } = about;
  return { ...offer, args: { about: text, ...(organisationId && { department: String(organisationId) }) } };
};

/** What to say to rate an answer. */
export const showRating: Opener = async (_args, ctx) => {
  const question = await toRate(ctx.deps.db, citizen(ctx));
  return { reply: ctx.deps.texts.say('questions.rate', { number: question?.number ?? '' }, ctx.account.id) };
};

/** The form as a page, where a question is easier to write. */
export const showForm: Opener = (_args, ctx) => ({
  reply: ctx.deps.texts.say(
    'questions.form',
    { link: linkFor({ ...citizen(ctx), questionId: null }, ctx.deps) },
    ctx.account.id,
  ),
});

/**
 * 「问 …」 asks a department, 「补充 …」 adds to what is open. While a question is open, what nobody else understands may be meant for
 * it too: it joins where nobody else has an answer, and is one of the choices where somebody has.
 */
export async function answers(text: string, ctx: ServiceContext): Promise<Hit[]> {
  const asked = /^(?:问|提问|我要提问|问部门)[\s:：,，]+(.{5,})$/su.exec(text)?.[1];
  if (asked && visibleLength(asked) >= 5)
    return [{ label: '向部门提问', key: 'questions.ask', args: { text: asked }, score: 1 }];
  const added = /^补充(?:一下|一点|说明)?[\s:：,，]+(.+)$/su.exec(text)?.[1];
  if (added && visibleLength(added) > 0)
    return [{ label: '补充到我的提问', key: 'questions.add', args: { text: added }, score: 1 }];
  if (asked || added) return [];
  const open = await latestOf(ctx.deps.db, citizen(ctx), ['open']);
  if (!open) return [];
  // A number of the citizen's own is no search, and must not be kept in a list on offer.
  const score = looksPersonal(text) ? 1 : lowest;
  // However well something else fits, it may be meant for the question.
  return [{ label: `补充到我的提问 ${open.number}`, key: 'questions.add', args: { text }, score, stands: true }];
}
const lowest = 0.01;

/** What a person has under way here. */
export async function cases(ctx: ServiceContext): Promise<CaseUnderWay[]> {
  const mine = await questionsOf(ctx.deps.db, citizen(ctx), { limit: shown });
  return mine
    .filter(({ status }) => status !== 'closed')
    .map((one) => ({
      service: 'questions',
      number: one.number,
      title: excerpt(one.text, 20),
      state: stateOf(one),
      at: one.asked_at,
      open: toOffer(one),
    }));
}

const citizen = ({ account, openid }: ServiceContext) => ({ accountId: account.id, openid });

/** As masked as staff see it: a list on offer is kept as it stands, and so is what a service answers. */
const toOffer = (one: QuestionRow): Offer => ({
  label: `${excerpt(one.text, 16)}（${stateOf(one)}）`,
  key: 'questions.one',
  args: { number: one.number },
});

function stateOf({ status, organisation_id, organisation_title, first_replied_at }: QuestionRow): string {
  if (status === 'closed') return '已结束';
  if (status === 'answered') return '已答复';
  if (organisation_id === null) return '正在分派';
  return first_replied_at === null ? `${organisation_title}处理中` : `${organisation_title}有答复`;
}
