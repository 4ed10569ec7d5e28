import path from 'node:path';
import { defineService } from '../../dialogue/service';
import { answers, findFlow, media, showDistrict, showDistricts, showPlace } from './find.flow';
import { loadPlaces } from './load';
import { citizenRoutes } from './pages';
import { readPlaces } from './place';
import { staffRoutes } from './staff';

/** 最近的办事点: how far, open now, how busy, and the way there. */
export const nearby = defineService({
  key: 'nearby',
  kind: 'query',
  title: '最近的办事点',
  opens: [
    { key: 'nearby', start: showDistricts, keywords: ['办事点', '按区县找', '有哪些办事点'] },
    {
      key: 'nearby.find',
      start: findFlow,
      keywords: [
        '最近的办事点',
        '找最近的办事点',
        '最近',
        '附近',
        '附近办事点',
        '附近的办事点',
        '离我最近',
        '去哪里办',
        '就近办理',
      ],
      scenes: ['nearby'],
    },
    { key: 'nearby.place', start: showPlace },
    { key: 'nearby.district', start: showDistrict },
  ],
  contributes: { answers, media },
  citizenRoutes,
  staffRoutes,
  demo: (deps) => loadPlaces(readPlaces(path.join(__dirname, 'places.yaml')), { demo: true }, deps),
});
