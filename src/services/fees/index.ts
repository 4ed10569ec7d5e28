import { defineService, type Opener } from '../../dialogue/service';
import { flowOf } from './calculate.flow';
import { citizenRoutes } from './pages';
import { rules } from './rules';

const start: Opener = (_args, { deps, account }) => ({
  reply: deps.texts.say('fees.start', {}, account.id),
  offers: rules.calculators.map(({ key, title }) => ({ label: title, key: `fees.${key}` })),
});

/** 费用计算: what something costs or what is paid back, by a few questions, with the rule it comes from. The rules are data. */
export const fees = defineService({
  key: 'fees',
  kind: 'query',
  title: '费用计算',
  opens: [
    { key: 'fees', start, keywords: ['费用计算', '算费用', '费用', '多少钱', '罚款计算', '报销计算'] },
    ...rules.calculators.map((one) => ({ key: `fees.${one.key}`, start: flowOf(one), keywords: one.keywords })),
  ],
  citizenRoutes,
});
