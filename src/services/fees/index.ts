import type { Hit } from '../../dialogue/contributions';
import { defineService, type Opener, type ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { flowOf } from './calculate.flow';
import { citizenRoutes } from './pages';
import { rules } from './rules';

const start: Opener = (_args, { deps, account }) => ({
  reply: deps.texts.say('fees.start', {}, account.id),
  offers: rules.calculators.map(({ key, title }) => ({ label: title, key: `fees.${key}` })),
});

/** 「身份证工本费是多少」: the words of a calculator within a sentence. */
async function answers(text: string, { deps, account }: ServiceContext): Promise<Hit[]> {
  const meant = rules.calculators.filter(({ keywords }) => keywords.some((word) => text.includes(word)));
  return meant.map(({ key, title }) => ({
    label: title,
    key: `fees.${key}`,
    score: 0.95,
    text: `${title}：答几个问题，算出多少钱、依据哪一条。${citizenPage(deps, account.id, `/fees/${key}`)}`,
  }));
}

/** 费用计算: what something costs or what is paid back, by a few questions, with the rule it comes from. The rules are data. */
export const fees = defineService({
  key: 'fees',
  kind: 'query',
  title: '费用计算',
  opens: [
    {
      key: 'fees',
      start,
      keywords: ['费用计算', '算费用', '费用', '多少钱', '罚款计算', '报销计算'],
      scenes: ['fees'],
    },
    ...rules.calculators.map((one) => ({ key: `fees.${one.key}`, start: flowOf(one), keywords: one.keywords })),
  ],
  contributes: { answers },
  citizenRoutes,
});
