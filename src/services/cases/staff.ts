import { deskRoutes } from './desk';
import { importRoutes } from './imports/routes';
import { remoteRoutes } from './remote/routes';
import { sourceRoutes } from './sources';

export const staffRoutes = [...deskRoutes, ...sourceRoutes, ...remoteRoutes, ...importRoutes];
