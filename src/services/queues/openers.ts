import type { Turn } from '../../dialogue/contributions';
import type { Offer, Opener, ServiceContext } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { citizenPage } from '../../people/citizen-page';
import { dayAndTime } from '../../platform/clock';
import { nextOpening, officesOf } from './offices';
import { officeWords, turnWords, waitWords } from './wording';

/** With one's own they stay below what WeChat takes in one message. */
const mostOffices = 14;

/** One's own first, then where people wait. */
export const start: Opener = async (_args, ctx) => {
  const { deps, account, openid, at } = ctx;
  const [own, offices] = await Promise.all([
    turnsOf({ accountId: account.id, openid }, ctx),
    officesOf(account.organisationId, deps),
  ]);
  const next = nextOpening(offices, deps);
  const variables = {
    own: own.map((turn) => ({ title: turn.title, words: turnWords(turn) })),
    count: offices.length,
    next: next ? dayAndTime(next, at) : '',
    link: pageOf(ctx),
  };
  const reply = deps.texts.say('queues.start', variables, account.id);
  const offers = [
    ...own.map(({ open, title }) => ({ ...open, label: `我的：${title}` })),
    ...offices.slice(0, mostOffices).map(
      (one): Offer => ({
        label: `${one.title}（${officeWords(one)}）`,
        key: 'queues.office',
        args: { office: String(one.id) },
      }),
    ),
  ];
  return offers.length > 0 ? { reply, offers } : { reply };
};

/** Each counter of one office. */
export const showOffice: Opener = async ({ office = '' }, ctx) => {
  const { deps, account } = ctx;
  const found = (await officesOf(account.organisationId, deps)).find(({ id }) => String(id) === office);
  if (!found) return start({}, ctx);
  const variables = {
    title: found.title,
    counters: found.counters.map((one) => ({ title: one.title, words: waitWords(one), called: one.called.join('、') })),
    link: pageOf(ctx, `/${found.id}`),
  };
  return { reply: deps.texts.say('queues.office', variables, account.id) };
};

export async function turnsOf(citizen: Citizen, { deps }: Pick<ServiceContext, 'deps'>): Promise<Turn[]> {
  const found = await Promise.all(deps.contributed.turns.map((turns) => turns(citizen, deps)));
  return found.flat();
}

const pageOf = ({ deps, account }: ServiceContext, rest = '') => citizenPage(deps, account.id, `/queues${rest}`);
