import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '办件进度',
  note: '身份证、护照、车驾管、报告、报销办到哪一步了',
  home: '/cases',
  mine: [{ title: '我的办件', path: '/cases' }],
  routes: [
    { path: '/cases', component: () => import('./CasesPage.vue'), meta: { title: '办件进度', signIn: true } },
    { path: '/cases/:number', component: () => import('./CasePage.vue'), meta: { title: '办件进度', signIn: true } },
  ],
};
