import type { ServicePages } from '../../services';

export const pages: ServicePages = {
  title: '部门答疑',
  note: '向部门提问，看答复，评价答得好不好',
  home: '/questions',
  mine: [{ title: '我的提问', path: '/questions/mine' }],
  routes: [
    {
      path: '/questions/mine',
      component: () => import('./MyQuestionsPage.vue'),
      meta: { title: '我的提问', signIn: true },
    },
    { path: '/questions', component: () => import('./StartPage.vue'), meta: { title: '部门答疑' } },
    { path: '/questions/ask/:token', component: () => import('./AskPage.vue'), meta: { title: '我要提问' } },
    { path: '/questions/:token', component: () => import('./LinkPage.vue'), meta: { title: '我的提问' } },
    { path: '/questions/:token/:number', component: () => import('./LinkPage.vue'), meta: { title: '我的提问' } },
  ],
};
