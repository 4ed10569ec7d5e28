import type { Citizen } from '../people/citizen';
import { type Route, routesFor } from '../platform/http/route';
import type { H5Deps } from './deps';

/** The builder of the routes that citizens share, whatever service they use. */
export const route = routesFor<'citizen', Citizen, H5Deps>();
export type H5Route = Route<'citizen', Citizen, H5Deps>;
