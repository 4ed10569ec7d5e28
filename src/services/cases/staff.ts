import { importRoutes } from './imports/routes';
import { remoteRoutes } from './remote/routes';

export const staffRoutes = [...remoteRoutes, ...importRoutes];
