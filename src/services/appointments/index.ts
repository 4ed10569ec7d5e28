import { defineService } from '../../dialogue/service';
import { answers } from './answers';
import { appealPages, appealRoutes } from './appeal-pages';
import { bookFlow } from './book.flow';
import { cancelFlow } from './cancel.flow';
import { loadDemo } from './demo';
import { figuresRoutes } from './figures/routes';
import { jobs } from './jobs';
import { leaveFlow, showLine, waitFlow } from './line.flow';
import { linePages } from './line-pages';
import { load } from './load';
import { notices } from './notices';
import { cases, showMine, showOne } from './openers';
import { citizenRoutes } from './pages';
import { personal } from './personal';
import { dayRoutes } from './schedules/day-routes';
import { held } from './schedules/held';
import { importRoutes } from './schedules/import-routes';
import { resourceRoutes } from './schedules/resource-routes';
import { staffRoutes } from './staff';
import { turns } from './turns';

/** 预约: hospital and police counters, never overbooked. */
export const appointments = defineService({
  key: 'appointments',
  kind: 'do',
  title: '预约办事',
  opens: [
    {
      key: 'appointments.book',
      start: bookFlow,
      keywords: ['预约', '挂号', '预约挂号', '预约挂号办事', '预约办事', '我要预约'],
      scenes: ['appointments'],
    },
    { key: 'appointments.mine', start: showMine, keywords: ['我的预约', '查预约'] },
    { key: 'appointments.one', start: showOne },
    { key: 'appointments.cancel', start: cancelFlow, keywords: ['取消预约', '退号'] },
    { key: 'appointments.line', start: showLine, keywords: ['抢号排队', '排到了吗', '排到第几位'] },
    { key: 'appointments.leave', start: leaveFlow },
    { key: 'appointments.wait', start: waitFlow, keywords: ['候补'] },
  ],
  contributes: { answers, cases, personal, held, load, turns },
  staffRoutes: [...appealRoutes, ...figuresRoutes, ...staffRoutes, ...resourceRoutes, ...dayRoutes, ...importRoutes],
  citizenRoutes: [...linePages, ...appealPages, ...citizenRoutes],
  notices,
  jobs,
  demo: loadDemo,
});
