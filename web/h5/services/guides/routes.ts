import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '办事指南',
  note: '要带什么、去哪里、多少钱、多久办好',
  home: '/guides',
  routes: [
    { path: '/guides', component: () => import('./GuidesPage.vue'), meta: { title: '办事指南' } },
    { path: '/guides/office/:office', component: () => import('./OfficePage.vue'), meta: { title: '办事指南' } },
    { path: '/guides/:key', component: () => import('./MatterPage.vue'), meta: { title: '办事指南' } },
  ],
};
