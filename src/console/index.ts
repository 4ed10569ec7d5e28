import type Koa from 'koa';
import type { ServiceDeps, StaffRoute } from '../dialogue/service';
import { allows, type ConsoleRole } from '../people/staff';
import { UserError } from '../platform/errors';
import { jsonErrors } from '../platform/http/errors';
import { type RouteGroup, serveRoutes } from '../platform/http/serve';
import { accountChangeRoutes } from './account-changes';
import { accountRoutes } from './accounts';
import { apiKeyRoutes } from './api-keys';
import { auditRoutes } from './audit-trail';
import { autoReplyRoutes } from './auto-replies';
import { chatRoutes } from './chats';
import { deliveryRoutes } from './deliveries';
import type { ConsoleDeps } from './deps';
import { healthRoutes } from './health';
import { liveEvents, livePath } from './live';
import { menuRoutes } from './menu';
import { notificationRoutes } from './notifications';
import { organisationRoutes } from './organisations';
import { ownPasswordRoutes } from './own-password-routes';
import { qrCodeRoutes } from './qr-codes';
import { secondFactorRoutes } from './second-factor-routes';
import { identifyStaff, type SignedInStaff } from './session';
import { sessionRoutes } from './session-routes';
import { signInRoutes } from './sign-in';
import { alarmRoutes } from './sign-in-alarms';
import { signInRuleRoutes } from './sign-in-rule-routes';
import { staffListRoutes } from './staff-list';
import { staffRoutes } from './staff-routes';
import { staffSafetyRoutes } from './staff-safety';
import { templateRoutes } from './templates';

export const consolePrefix = '/api/console';

/** Every route of the console, with its role: what is not in here is not served. */
export const consoleContracts = [
  ...signInRoutes,
  ...sessionRoutes,
  ...secondFactorRoutes,
  ...alarmRoutes,
  ...signInRuleRoutes,
  ...ownPasswordRoutes,
  ...notificationRoutes,
  ...organisationRoutes,
  ...staffListRoutes,
  ...staffRoutes,
  ...staffSafetyRoutes,
  ...accountRoutes,
  ...accountChangeRoutes,
  ...qrCodeRoutes,
  ...chatRoutes,
  ...deliveryRoutes,
  ...menuRoutes,
  ...templateRoutes,
  ...autoReplyRoutes,
  ...apiKeyRoutes,
  ...auditRoutes,
  ...healthRoutes,
];

/** What a citizen service brings for staff; mounted at `/api/console/services/<key>`. */
export type ServiceStaffRoutes = {
  key: string;
  title: string;
  routes: readonly StaffRoute[];
  deps: ServiceDeps;
};

type Group = RouteGroup<ConsoleRole, SignedInStaff, unknown>;

/** The console's own routes and those of the services, as groups: for serving them and for the API document. */
export function consoleGroups(deps: ConsoleDeps, services: readonly ServiceStaffRoutes[] = []): Group[] {
  const shared = {
    identify: (ctx: Koa.Context) => identifyStaff(ctx, deps),
    allows,
    pagesAt: new URL(deps.config.publicUrl).origin,
  };
  return [
    { prefix: consolePrefix, title: '工作台', routes: consoleContracts, deps, ...shared },
    ...services.map(({ key, title, routes, deps }) => ({
      prefix: `${consolePrefix}/services/${key}`,
      title,
      routes,
      deps,
      ...shared,
    })),
  ];
}

/** Serves all of them below `/api/console`; lets every other path through. */
export function consoleRoutes(deps: ConsoleDeps, services: readonly ServiceStaffRoutes[] = []): Koa.Middleware {
  const groups = consoleGroups(deps, services).map(serveRoutes);
  const errors = jsonErrors(deps.log);
  const live = liveEvents(deps);
  return async (ctx, next) => {
    if (ctx.path !== consolePrefix && !ctx.path.startsWith(`${consolePrefix}/`)) return next();
    // A stream and no JSON: the one address that has no contract.
    const isLive = ctx.method === 'GET' && ctx.path === `${consolePrefix}${livePath}`;
    await errors(ctx, () => (isLive ? live(ctx) : inTurn(groups, ctx)));
  };
}

/** The first group that knows the path answers. */
async function inTurn(groups: Koa.Middleware[], ctx: Koa.Context): Promise<void> {
  const [group, ...others] = groups;
  if (!group) throw new UserError(404, 'not-found', '没有这个接口');
  await group(ctx, () => inTurn(others, ctx));
}
