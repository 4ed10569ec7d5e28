import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '费用计算',
  note: '证件工本费、交通罚款、医保报销，先算一算',
  home: '/fees',
  routes: [
    { path: '/fees', component: () => import('./FeesPage.vue'), meta: { title: '费用计算' } },
    { path: '/fees/:key', component: () => import('./FeePage.vue'), meta: { title: '费用计算' } },
  ],
};
