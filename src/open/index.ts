import type { Service, ServiceDeps } from '../dialogue/service';
import { type OpenGroup, openPrefix } from './serve';

export { oldAnswers } from './once';
export { openRoutes } from './serve';

/** What each service has for back-office programs: for serving it and for the API document. */
export const openGroups = (services: readonly Service[], deps: ServiceDeps): OpenGroup[] =>
  services.map(({ key, title, openRoutes: routes = [] }) => ({
    prefix: openPrefix,
    title: `业务系统：${title}`,
    service: key,
    routes,
    deps,
    signed: true,
  }));
