import type { Citizen } from '../people/citizen';
import type { RouteGroup } from '../platform/http/serve';
import { consentRoutes } from './consents';
import type { H5Deps } from './deps';
import { jsConfigRoutes } from './js-config';
import { personRoutes } from './persons';
import { privacyRoutes } from './privacy';
import type { H5Route } from './route';
import { identifyCitizen } from './session';
import { signInRoutes } from './sign-in';

export type { H5Deps, H5Wechat } from './deps';

export const h5Routes: H5Route[] = [
  ...signInRoutes,
  ...personRoutes,
  ...consentRoutes,
  ...privacyRoutes,
  ...jsConfigRoutes,
];

/** Routes for citizens below `/api/h5`, whoever brings them: each is `public`, or for whoever is signed in. */
export function citizenGroup<Deps>(
  title: string,
  routes: RouteGroup<'citizen', Citizen, Deps>['routes'],
  deps: Deps,
  shared: H5Deps,
): RouteGroup<'citizen', Citizen, Deps> {
  const identify = (ctx: Parameters<typeof identifyCitizen>[0]) => identifyCitizen(ctx, shared);
  const pagesAt = new URL(shared.publicUrl).origin;
  return { prefix: '/api/h5', title, routes, deps, pagesAt, identify, allows: () => true };
}
