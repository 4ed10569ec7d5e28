import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '预约挂号办事',
  note: '医院科室、公安窗口，选好时间再去',
  home: '/appointments',
  mine: [{ title: '我的预约', path: '/appointments/mine' }],
  routes: [
    { path: '/appointments', component: () => import('./OfficesPage.vue'), meta: { title: '预约' } },
    {
      path: '/appointments/mine',
      component: () => import('./MinePage.vue'),
      meta: { title: '我的预约', signIn: true },
    },
    {
      path: '/appointments/offices/:id',
      component: () => import('./OfficePage.vue'),
      meta: { title: '选择时间', signIn: true },
    },
    {
      path: '/appointments/:id',
      component: () => import('./TicketPage.vue'),
      meta: { title: '预约凭证', signIn: true },
    },
  ],
};
