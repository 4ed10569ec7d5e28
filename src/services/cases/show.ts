import type { Listed } from '../../dialogue/flow';
import type { Offer, ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { shanghai } from '../../platform/clock';
import type { Case } from './case';
import { isFollowed } from './follow';
import { type Right, sealProof } from './proof';
import { dayTold, timeTold, told } from './wording';

/** A case as the chat shows it, with what can be done about it. `right`: why this citizen may see it. */
export async function showCase(one: Case, right: Right, ctx: ServiceContext): Promise<Listed> {
  const { deps, account } = ctx;
  const mine = { accountId: account.id, openid: ctx.openid };
  const token = sealProof(mine, one, right, deps);
  const { steps, due, ...rest } = told(one);
  const heading = deps.texts.say(
    'cases.one',
    {
      ...rest,
      steps: steps.map(({ at, title, note }) => ({ at: shanghai(at), title, note })),
      due: due ? dayTold(due) : '',
      office: one.asOf?.office ?? '',
      asOf: one.asOf ? timeTold(one.asOf.at, ctx.at) : '',
      late: due !== null && due < ctx.at,
      link: citizenPage(deps, account.id, `/cases?number=${one.number}`),
    },
    account.id,
  );
  const followed = await isFollowed(deps.db, mine, one);
  return { heading, offers: [...followOffers(rest.ended, followed, token), ...askOffers(token, ctx)] };
}

function followOffers(ended: boolean, followed: boolean, token: string): Offer[] {
  if (followed) return [{ label: '不用再告诉我进展', key: 'cases.unfollow', args: { case: token } }];
  return ended ? [] : [{ label: '有进展时告诉我', key: 'cases.follow', args: { case: token } }];
}

const askOffers = (token: string, { deps }: ServiceContext): Offer[] =>
  deps.contributed.ask.length > 0 ? [{ label: '就这件事问部门', key: 'cases.ask', args: { case: token } }] : [];
