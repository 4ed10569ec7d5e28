import { deskRoutes } from './desk';
import { importRoutes } from './imports/routes';
import { remoteRoutes } from './remote/routes';

export const staffRoutes = [...deskRoutes, ...remoteRoutes, ...importRoutes];
