import type { RouteRecordRaw } from 'vue-router';

export const meRoutes: RouteRecordRaw[] = [
  { path: '/me', component: () => import('./MePage.vue'), meta: { title: '我的', signIn: true } },
  { path: '/me/persons', component: () => import('./PersonsPage.vue'), meta: { title: '本人和家人', signIn: true } },
  {
    path: '/me/persons/new',
    component: () => import('./NewPersonPage.vue'),
    meta: { title: '实名登记', signIn: true },
  },
];
