import { createRouter, createWebHashHistory } from 'vue-router';
import { meRoutes } from './me/routes';
import { services } from './services';

/** The hash, since WeChat's own pages and its shared links keep it, and no server needs to know the paths. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', component: () => import('./HomePage.vue'), meta: { title: '政务服务' } },
    ...meRoutes,
    ...services.flatMap(({ routes }) => routes),
    { path: '/:rest(.*)*', component: () => import('./MissingPage.vue'), meta: { title: '页面不存在' } },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

// WeChat's bar shows the document's title.
router.afterEach(({ meta }) => {
  if (typeof meta.title === 'string') document.title = meta.title;
});
