import { showToast } from 'vant';
import 'vant/es/toast/style';
import { createRouter, createWebHashHistory } from 'vue-router';
import { recoverPages } from '../shared/pages-that-fail';
import { read } from './api';
import { meRoutes } from './me/routes';
import { services } from './services';
import { headFor } from './session';

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

// Before the page, not at its first tap: what was filled in or tapped would be lost on the way through WeChat.
let signedIn: Promise<unknown> | undefined;
router.beforeEach(({ meta, fullPath }) => {
  headFor(fullPath);
  if (!meta.signIn) return true;
  signedIn ??= read('/me');
  // Where it leads nowhere, the page itself says why when it asks for what is the citizen's.
  return signedIn.then(
    () => true,
    () => {
      signedIn = undefined;
      return true;
    },
  );
});

recoverPages(router, (words) => showToast(words));

// WeChat's bar shows the document's title.
router.afterEach(({ meta }) => {
  if (typeof meta.title === 'string') document.title = meta.title;
});
