import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '排队人数',
  note: '各科室和窗口现在有几个人在等，我排到哪里',
  home: '/queues',
  routes: [
    { path: '/queues', component: () => import('./QueuesPage.vue'), meta: { title: '排队人数', signIn: true } },
    { path: '/queues/:id', component: () => import('./QueueOfficePage.vue'), meta: { title: '排队人数' } },
  ],
};
