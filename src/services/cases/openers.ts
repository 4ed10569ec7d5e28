import type { Hit } from '../../dialogue/contributions';
import { pagedOffers } from '../../dialogue/paged-offers';
import { refusalWords } from '../../dialogue/refusal';
import type { Guide, Offer, Opener, ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { maskName } from '../../people/identity/bindings';
import { organisationByKey } from '../../people/organisations';
import { UserError } from '../../platform/errors';
import { looksPersonal } from '../../platform/field-encryption';
import { normalFactor, normalNumber, numberForm } from './case';
import { kinds } from './kinds';
import { casesOf, namesOf, type Own } from './look-up';
import { provenCase, sealProof } from './proof';
import { awaitRest } from './remote/rest';
import { showCase } from './show';
import { timeTold, told } from './wording';

/** What a citizen has under way: in every office's back end, and with the other services here. */
export const showMine: Opener = async ({ from = '0' }, ctx) => {
  const { deps, account } = ctx;
  const [{ known, found, down }, others] = await Promise.all([casesOf(citizen(ctx), deps), elsewhere(ctx)]);
  const follows = await awaitRest(citizen(ctx), 'mine', down, deps);
  const all = [...found.map((one) => toOffer(one, ctx)), ...others];
  const offers = pagedOffers(all, Number(from), { key: 'cases' });
  const variables = {
    known,
    count: all.length,
    down: namesOf(down),
    follows,
    bind: citizenPage(deps, account.id, '/me/persons'),
  };
  const reply = deps.texts.say('cases.mine', variables, account.id);
  return { reply, offers: [...offers, { label: '按编号查', key: 'cases.find' }] };
};

/** One of one's own. */
export const showOne: Opener = async ({ case: token = '' }, ctx) => {
  const { deps, account } = ctx;
  try {
    const theirs = await provenCase(token, citizen(ctx), deps);
    if (!theirs) return { reply: deps.texts.say('cases.outdated', {}, account.id) };
    const { heading, offers } = await showCase(theirs.one, theirs.right, ctx);
    return { reply: heading, offers };
  } catch (error) {
    return { reply: refusalWords(error) };
  }
};

/** The receipt's code: `编号` alone, `编号:查询码`, or a link that has them as `n` and `c`. A bar code comes as `CODE_128,编号`. */
export const scanned: Guide = ({ scanned: text = '' }) => {
  const bare = text.replace(/^[A-Z]+_?\d+,/, '');
  const link = URL.canParse(bare) ? new URL(bare).searchParams : undefined;
  const [first = '', second = ''] = link ? [link.get('n') ?? '', link.get('c') ?? ''] : bare.split(/[:：|]/);
  const number = normalNumber(first);
  if (!numberForm.test(number)) return { goTo: { label: '按编号查', key: 'cases.find' } };
  const factor = normalFactor(second);
  return { goTo: { label: '按编号查', key: 'cases.find', args: { number, ...(factor && { factor }) } } };
};

/** 就这件事问部门: the question says which case it is about, and goes to whoever knows the kind. */
export const askAbout: Guide = async ({ case: token = '' }, ctx) => {
  const { deps, account } = ctx;
  const theirs = await provenCase(token, citizen(ctx), deps).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  const [ask] = deps.contributed.ask;
  if (!theirs || !ask) return { goTo: { label: '办件进度', key: 'cases' } };
  const { title, state, number } = told(theirs.one);
  const department = await organisationByKey(deps.db, kinds.get(theirs.one.kind)?.department ?? '');
  const home = department?.path.includes(`/${account.organisationId}/`) && !department.disabled;
  return {
    goTo: ask(ctx, {
      text: `关于办件 ${number}（${title}，${state}）：`,
      organisationId: home ? department!.id : undefined,
    }),
  };
};

/** A number typed at any time, alone or after 查: two letters or more and then digits, which no person's own number has. */
export async function answers(text: string, { deps, account }: ServiceContext): Promise<Hit[]> {
  if (asksHowFar.test(text) && !/号|排队/.test(text) && !ofNoCase.test(text)) {
    const link = citizenPage(deps, account.id, '/cases');
    const told = `查办件进度：实名以后自动列出，或输入编号和证件号后 4 位。${link}`;
    return [{ label: '查办件进度', key: 'cases', score: 0.95, stands: true, text: told }];
  }
  const typed = /^(?:查|查询|查办件|进度|办件)?[\s:：]*([a-z]{2,6}[-\s]?[0-9][0-9-]{5,20})$/iu.exec(text)?.[1];
  if (!typed || looksPersonal(typed)) return [];
  const number = normalNumber(typed);
  return [{ label: `查办件 ${number}`, key: 'cases.find', args: { number }, score: 1 }];
}

/** 「护照办到哪一步了」「身份证办好了没有」, not 「多久办好」. */
const asksHowFar =
  /(?:[办到]到?|走到)哪(?:一?步|了|儿了|里了)|进度|进展|(?<!多久|几天|才能?|怎么)[办批审制做][好完妥]了?(?:没有?|吗|么)[?？]?$/u;

/** How far a building site is, or that somebody complains of it, is no case of an office here. */
const ofNoCase = /施工|工程|工地|修路|投诉|举报/u;

const citizen = ({ account, openid }: ServiceContext) => ({ accountId: account.id, openid });

function toOffer(one: Own, ctx: ServiceContext): Offer {
  const { title, state } = told(one);
  const whose = one.person.relation === 'self' ? '' : `${maskName(one.person.name)} `;
  const token = sealProof(citizen(ctx), one, { personId: one.person.id }, ctx.deps);
  const asOf = one.asOf ? `，${timeTold(one.asOf.at, ctx.at)}时` : '';
  return { label: `${whose}${title}（${state}${asOf}）`, key: 'cases.one', args: { case: token } };
}

async function elsewhere(ctx: ServiceContext): Promise<Offer[]> {
  const found = await Promise.all(ctx.deps.contributed.cases.map((cases) => cases(ctx)));
  return found.flat().flatMap(({ open }) => (open ? [open] : []));
}
