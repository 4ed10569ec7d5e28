import { moreOffers, offersPerPage, pagedOffers } from '../../dialogue/paged-offers';
import type { Offer, Opened, Opener, ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { fitted } from './fit';
import type { Matter } from './matter';
import { shelfOf } from './shelf';

/** What people ask for most, to pick from. */
export const start = kept('start', async (_args, ctx) => pickOf('guides.start', await hot(ctx, 'guides.matter'), ctx));
export const showHot = kept('hot', async (_args, ctx) => pickOf('guides.hot', await hot(ctx, 'guides.matter'), ctx));
export const showDo = kept('do', async (_args, ctx) => pickOf('guides.do', await hot(ctx, 'guides.how'), ctx));

export const showOffices = kept('offices', async ({ from = '0' }, ctx) => {
  const offices = await shelfOf(ctx.deps).offices();
  const all = offices.map(
    (office): Offer => ({ label: officeName(office), key: 'guides.office', args: { office: office.key } }),
  );
  const offers = pagedOffers(all, Number(from), { key: 'guides.offices' });
  return pickOf('guides.offices', offers, ctx);
});

export const showOffice = kept('office', async ({ office: key = '', after = '-1' }, ctx) => {
  const shelf = shelfOf(ctx.deps);
  const office = (await shelf.offices()).find((one) => one.key === key);
  if (!office) return outdated(ctx);
  const rows = await shelf.list(key, Number(after), offersPerPage + 1);
  const offers = rows
    .slice(0, offersPerPage)
    .map(({ key, title }): Offer => ({ label: title, key: 'guides.matter', args: { matter: key } }));
  if (rows.length > offersPerPage)
    offers.push(moreOffers('guides.office', { office: key, after: String(rows[offersPerPage - 1]!.position) }));
  return pickOf('guides.office', offers, ctx, { office: officeName(office), count: office.matters });
});

/** What to bring, where, when, how much. */
export const showMatter = kept('matter', ({ matter }, ctx) => tell('guides.matter', matter, ctx));
/** The steps. */
export const showHow = kept('how', ({ matter }, ctx) => tell('guides.how', matter, ctx));

export const showFaq = kept('faq', async ({ from = '0' }, ctx) => {
  const entries = await shelfOf(ctx.deps).faq();
  const all = entries.map(
    ({ question, position }): Offer => ({
      label: question,
      key: 'guides.faq-answer',
      args: { entry: String(position) },
    }),
  );
  return pickOf('guides.faq', pagedOffers(all, Number(from), { key: 'guides.faq' }), ctx);
});

export const showFaqAnswer = kept('faq-answer', async ({ entry }, ctx) => {
  const found = (await shelfOf(ctx.deps).faq()).find(({ position }) => String(position) === entry);
  if (!found) return outdated(ctx);
  const { demo } = await shelfOf(ctx.deps).catalogue();
  const answer = say('guides.faq-answer', ctx, { question: found.question, answer: found.answer, demo });
  const matter = found.matter && (await shelfOf(ctx.deps).matter(found.matter));
  if (!matter) return { reply: answer };
  return {
    reply: answer,
    offers: [{ label: `办事指南：${matter.title}`, key: 'guides.matter', args: { matter: matter.key } }],
  };
});

/** An answer is kept as it was rendered until the guides or the texts change: most citizens ask for the same. */
function kept(name: string, open: Opener): Opener {
  return (args, ctx) => {
    const revision = ctx.deps.texts.revision();
    const key = `opened ${name} ${ctx.account.id} ${revision} ${JSON.stringify(args)}`;
    // What a QR code carries may be long; the keys that lead here are not.
    if (revision === undefined || key.length > 200) return open(args, ctx);
    return shelfOf(ctx.deps).remember(key, async () => {
      const opened = await open(args, ctx);
      Object.freeze(opened.offers);
      return opened;
    });
  };
}

async function hot(ctx: ServiceContext, key: string): Promise<Offer[]> {
  const matters = await shelfOf(ctx.deps).hot();
  return matters.map(({ title, key: matter }) => ({ label: title, key, args: { matter } }));
}

async function tell(
  text: 'guides.matter' | 'guides.how',
  key: string | undefined,
  ctx: ServiceContext,
): Promise<Opened> {
  const found = key && (await shelfOf(ctx.deps).matter(key));
  if (!found) return outdated(ctx);
  const link = citizenPage(ctx.deps, ctx.account.id, `/guides/${found.key}`);
  const { demo } = await shelfOf(ctx.deps).catalogue();
  return { reply: fitted(found, (matter: Matter) => say(text, ctx, { matter, link, demo })) };
}

const outdated = (ctx: ServiceContext): Opened => ({ reply: say('guides.outdated', ctx) });

/** Without anything to pick from, the heading would promise a list that does not come. */
function pickOf(text: string, offers: Offer[], ctx: ServiceContext, variables: Record<string, unknown> = {}): Opened {
  return offers.length > 0 ? { reply: say(text, ctx, variables), offers } : outdated(ctx);
}

/** 「示例市公安局 户政」; an office that is the whole organisation is not named twice. */
const officeName = ({ title, organisation }: { title: string; organisation: string }) =>
  title === organisation ? title : `${organisation} ${title}`;

const say = (key: string, ctx: ServiceContext, variables: Record<string, unknown> = {}) =>
  ctx.deps.texts.say(key, variables, ctx.account.id);
