import type { Hit } from '../../dialogue/contributions';
import { comparable, stands } from '../../dialogue/search/ranked';
import type { Offer, Opener, ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { shelfOf } from './shelf';

const listed = 10;
const hitsShown = 5;

/** The newest, to pick from. */
export const start: Opener = async (_args, ctx) => {
  const newest = await shelfOf(ctx.deps).list(null, listed);
  if (newest.length === 0) return { reply: say('knowledge.outdated', ctx) };
  return {
    reply: say('knowledge.start', ctx, { link: pageOf('/knowledge', ctx) }),
    offers: newest.map(({ id, question }) => toOffer(id, question)),
  };
};

/** One question and its answer; then whether it helped. Whoever it did not help is shown the way to a person, where there is one. */
export const showEntry: Opener = async ({ entry: id = '' }, ctx) => {
  const entry = /^\d{1,18}$/.test(id) ? await shelfOf(ctx.deps).entry(id) : undefined;
  if (!entry) return { reply: say('knowledge.outdated', ctx) };
  const { question, answer, organisation, demo } = entry;
  const link = pageOf(`/knowledge/${id}`, ctx);
  const persons = ctx.deps.contributed.ask.map((ask) => ({ ...ask(ctx), label: '没解决，问部门' }));
  return {
    reply: say('knowledge.entry', ctx, { question, answer: fitted(answer), organisation, demo, link }),
    offers: [{ label: '解决了', key: 'knowledge.helped', args: { entry: id } }, ...persons],
  };
};

/** What is known here about a free text. */
export async function answers(text: string, { deps, account }: ServiceContext): Promise<Hit[]> {
  const found = await shelfOf(deps).search(text, account.organisationId, hitsShown);
  const alone = stands(found);
  return (alone ? found.slice(0, 1) : found).map(({ key, title, answer, score }) => ({
    ...toOffer(key, title),
    score: comparable(score),
    stands: alone,
    text: answer,
  }));
}

const toOffer = (id: string, question: string): Offer => ({
  label: question,
  key: 'knowledge.entry',
  args: { entry: id },
});

/** WeChat shows 2,048 bytes of a text; the page has the rest. */
const longest = 1500;
function fitted(answer: string): string {
  if (Buffer.byteLength(answer) <= longest) return answer;
  let shown = '';
  for (const { segment } of new Intl.Segmenter('zh').segment(answer)) {
    if (Buffer.byteLength(shown + segment) > longest) break;
    shown += segment;
  }
  return `${shown}……`;
}

/** The page knows by its account how to sign in whoever says there that it helped. */
const pageOf = (path: string, { deps, account }: ServiceContext) => citizenPage(deps, account.id, path);

const say = (key: string, ctx: ServiceContext, variables: Record<string, unknown> = {}) =>
  ctx.deps.texts.say(key, variables, ctx.account.id);
