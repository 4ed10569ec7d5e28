import type { RouteRecordRaw } from 'vue-router';

export const meRoutes: RouteRecordRaw[] = [
  { path: '/me', component: () => import('./MePage.vue'), meta: { title: '我的', signIn: true } },
  { path: '/me/persons', component: () => import('./PersonsPage.vue'), meta: { title: '本人和家人', signIn: true } },
  {
    path: '/me/persons/new',
    component: () => import('./NewPersonPage.vue'),
    meta: { title: '实名登记', signIn: true },
  },
  {
    path: '/me/persons/:id/phone',
    component: () => import('./PhonePage.vue'),
    meta: { title: '换手机号', signIn: true },
  },
  { path: '/me/consents', component: () => import('./ConsentsPage.vue'), meta: { title: '授权说明', signIn: true } },
  {
    path: '/me/consents/:kind',
    component: () => import('./ConsentPage.vue'),
    meta: { title: '授权说明', signIn: true },
  },
  { path: '/me/privacy', component: () => import('./PrivacyPage.vue'), meta: { title: '隐私', signIn: true } },
  { path: '/sign-in', component: () => import('./SignInAgainPage.vue'), meta: { title: '重新进入' } },
];
