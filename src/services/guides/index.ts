import type { Hit } from '../../dialogue/contributions';
import { comparable, stands } from '../../dialogue/search/ranked';
import type { ServiceContext } from '../../dialogue/service';
import { defineService } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { readGuideFiles } from './files';
import { loadGuides, reindexIfStale } from './load';
import {
  showDo,
  showFaq,
  showFaqAnswer,
  showHot,
  showHow,
  showMatter,
  showOffice,
  showOffices,
  start,
} from './openers';
import { citizenRoutes } from './pages';
import { shelfOf } from './shelf';

/** 办事指南: what to bring, where, when, how much, how long, who. */
export const guides = defineService({
  key: 'guides',
  kind: 'query',
  title: '办事指南',
  opens: [
    { key: 'guides', start, keywords: ['办事指南', '指南', '查指南'], scenes: ['guides'] },
    { key: 'guides.offices', start: showOffices, keywords: ['按部门查', '部门', '全部部门'] },
    { key: 'guides.office', start: showOffice },
    { key: 'guides.hot', start: showHot, keywords: ['热门事项', '热门'] },
    { key: 'guides.do', start: showDo, keywords: ['怎么办理', '办事', '我要办事', '微办事'] },
    { key: 'guides.matter', start: showMatter },
    { key: 'guides.how', start: showHow },
    { key: 'guides.faq', start: showFaq, keywords: ['常见问题', '问题'] },
    { key: 'guides.faq-answer', start: showFaqAnswer },
  ],
  contributes: { answers },
  citizenRoutes,
  // A deploy may bring other words than the index was made with.
  jobs: (deps) => ({
    sweeps: [{ name: 'guides.index', seconds: 3600, run: async () => void (await reindexIfStale(deps)) }],
  }),
  demo: async (deps) => void (await loadGuides(readGuideFiles(__dirname), 'demo', deps)),
});

const hitsShown = 5;

/** Matters for a free text; only the best where it stands out, so that it opens at once. */
async function answers(text: string, { deps, account }: ServiceContext): Promise<Hit[]> {
  const found = await shelfOf(deps).search(text, hitsShown);
  const alone = stands(found);
  return (alone ? found.slice(0, 1) : found).map(({ key, title, summary, score }) => ({
    label: title,
    key: 'guides.matter',
    args: { matter: key },
    score: comparable(score),
    stands: alone,
    text: `${title}：${summary}${citizenPage(deps, account.id, `/guides/${key}`)}`,
  }));
}
