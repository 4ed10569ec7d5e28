import { screenRoutes } from './staff-screens';
import { stopRoutes } from './staff-stops';
import { visitRoutes } from './staff-visits';

/** What staff do with appointments; each part in a file of its own. */
export const staffRoutes = [...visitRoutes, ...stopRoutes, ...screenRoutes];
