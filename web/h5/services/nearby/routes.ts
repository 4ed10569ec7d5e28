import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '最近的办事点',
  note: '有多远，现在开没开，人多不多，怎么去',
  home: '/nearby',
  routes: [{ path: '/nearby', component: () => import('./NearbyPage.vue'), meta: { title: '最近的办事点' } }],
};
