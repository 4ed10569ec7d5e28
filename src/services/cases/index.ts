import { defineService } from '../../dialogue/service';
import { loadDemo } from './demo';
import { findFlow } from './find.flow';
import { followFlow, unfollowFlow } from './follow.flow';
import { jobs } from './jobs';
import { keyTargets, openRoutes } from './open';
import { answers, askAbout, scanned, showMine, showOne } from './openers';
import { citizenRoutes } from './pages';
import { personal } from './personal';
import { loadRemoteDemo } from './remote/demo';
import { staffRoutes } from './staff';
import { notices } from './tell';

/** 办件进度: where a case stands, whatever system it lives in. */
export const cases = defineService({
  key: 'cases',
  kind: 'query',
  title: '办件进度',
  opens: [
    {
      key: 'cases',
      start: showMine,
      keywords: ['办件进度', '办件', '进度', '查进度', '查办件', '查办件进度', '我的办件', '微查询'],
      scenes: ['cases'],
    },
    { key: 'cases.find', start: findFlow, keywords: ['按编号查', '编号查询', '查编号'] },
    { key: 'cases.scan', start: scanned },
    { key: 'cases.one', start: showOne },
    { key: 'cases.follow', start: followFlow },
    { key: 'cases.unfollow', start: unfollowFlow },
    { key: 'cases.ask', start: askAbout },
  ],
  contributes: { answers, personal },
  staffRoutes,
  citizenRoutes,
  openRoutes,
  keyTargets,
  notices,
  jobs,
  demo: async (deps) => {
    await loadDemo(deps);
    await loadRemoteDemo(deps);
  },
});
