import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '常见问答',
  note: '大家问过的问题，单位的答复',
  home: '/knowledge',
  routes: [
    { path: '/knowledge', component: () => import('./KnowledgePage.vue'), meta: { title: '常见问答' } },
    { path: '/knowledge/:id', component: () => import('./EntryPage.vue'), meta: { title: '常见问答' } },
  ],
};
