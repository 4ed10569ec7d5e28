import { ElMessage } from 'element-plus';
import { createRouter, createWebHashHistory } from 'vue-router';
import { recoverPages } from '../shared/pages-that-fail';
import { onFactorNeeded, onSignedOut } from './api';
import Frame from './components/Frame.vue';
import { openPages, rooms, roomsOf } from './rooms';
import { useSession } from './session';

const { me, ready, forget, again } = useSession();

// Hash paths: the server needs no rule for the pages' addresses, nor does whatever proxy stands before it.
export const router = createRouter({
  history: createWebHashHistory('/console/'),
  routes: [
    { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: '登录' } },
    ...openPages.map(({ path, title, page }) => ({ path, component: page, meta: { title, open: true } })),
    {
      path: '/',
      component: Frame,
      children: [
        { path: '', component: () => import('./pages/Welcome.vue'), meta: { title: '工作台' } },
        ...rooms.map(({ path, parameters = '', title, page, roles }) => ({
          path: path + parameters,
          component: page,
          meta: { title, roles },
        })),
        { path: '/me', component: () => import('./pages/Me.vue'), meta: { title: '我的会话' } },
        {
          path: '/:rest(.*)*',
          name: 'missing',
          component: () => import('./pages/Missing.vue'),
          meta: { title: '没有这一页' },
        },
      ],
    },
  ],
});

router.beforeEach(async (to, from) => {
  if (to.meta.open) return true;
  await ready();
  if (to.path === '/sign-in') return me.value ? '/' : true;
  if (!me.value) return { path: '/sign-in', query: to.path === '/' ? {} : { back: to.fullPath } };
  if (me.value.secondFactor === 'needed' || me.value.passwordGiven) return to.path === '/me' || '/me';
  const home = roomsOf(me.value.roles)[0]?.path ?? '/';
  if (to.path === '/') return home === '/' ? true : home;
  const { roles } = to.meta;
  if (!Array.isArray(roles) || roles.some((role) => me.value?.roles.includes(role))) return true;
  // Whoever signs in where another person's page was did not ask for that one.
  if (from.path === '/sign-in') return home;
  return { name: 'missing', params: { rest: to.path.slice(1).split('/') }, query: to.query };
});

recoverPages(router, (words) => ElMessage.error({ message: words, grouping: true }));

router.afterEach((to) => {
  document.title = `${String(to.meta.title ?? '')} · 微办工作台`;
});

onSignedOut(() => {
  forget();
  const { path, fullPath } = router.currentRoute.value;
  if (path !== '/sign-in' && me.value === null) void router.push({ path: '/sign-in', query: { back: fullPath } });
});

// Made a rule while someone was at work.
onFactorNeeded(() => {
  if (router.currentRoute.value.path !== '/me')
    void again()
      .catch(() => undefined)
      .then(() => router.push('/me'));
});
