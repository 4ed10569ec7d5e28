import type { Context } from 'koa';
import type { z } from 'zod';
import type { Upload } from './upload';

/** Who may call: `public` anyone, else one of the named roles. What the roles are is the business of whoever mounts the routes. */
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a handler is given; everything in it has been checked by then. */
export type Call<Caller, Params, Query, Body> = {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
  /** the caller's network address, for the audit trail and for limits */
  address: string;
  cookies: Context['cookies'];
  /** Reads the file that a route with `upload` is sent. @throws UserError 413, 422, 503 */
  upload(): Promise<Buffer>;
  /** The same piece by piece. @throws UserError 413, 422 */
  uploadParts(): AsyncIterable<Buffer>;
};

/**
 * A route's contract and its handler: checked at the door, described in the API document, listed for the tests.
 * `Route` alone is any route, whoever its callers are.
 */
export type Route<Role extends string = string, Caller = never, Deps = never> = {
  method: Method;
  /** below the prefix where the routes are mounted, `/accounts/:key` */
  path: string;
  summary: string;
  roles: 'public' | readonly Role[];
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  upload?: Upload;
  output: z.ZodType;
  status: number;
  handler(call: Call<Caller | undefined, unknown, unknown, unknown>, deps: Deps): unknown;
};

type Definition<
  Role extends string,
  Caller,
  Deps,
  Allowed extends 'public' | Role | readonly Role[],
  Output extends z.ZodType,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
> = {
  method: Method;
  path: string;
  summary: string;
  role: Allowed;
  params?: Params;
  query?: Query;
  body?: Body;
  /** the body is a file, which the handler reads with `upload()` */
  upload?: Upload;
  /** What leaves. Fields that it does not name do not leave. For a file: `fileOutput`. */
  output: Output;
  status?: number;
  handler(
    call: Call<Allowed extends 'public' ? undefined : Caller, z.output<Params>, z.output<Query>, z.output<Body>>,
    deps: Deps,
  ): Promise<z.input<Output>> | z.input<Output>;
};

/**
 * The builder of routes for one kind of caller:
 * `const route = routesFor<StaffRole, Staff, ConsoleDeps>()`, then `route({ method: 'get', path: '/me', role: 'staff', … })`.
 */
export function routesFor<Role extends string, Caller, Deps>() {
  return <
    const Allowed extends 'public' | Role | readonly Role[],
    Output extends z.ZodType,
    Params extends z.ZodType = z.ZodUndefined,
    Query extends z.ZodType = z.ZodUndefined,
    Body extends z.ZodType = z.ZodUndefined,
  >({
    role,
    status = 200,
    handler,
    ...contract
  }: Definition<Role, Caller, Deps, Allowed, Output, Params, Query, Body>): Route<Role, Caller, Deps> => ({
    ...contract,
    status,
    roles: role === 'public' ? 'public' : ([role].flat() as Role[]),
    // The door hands over what the schemas made, so the types of the definition hold.
    handler: handler as Route<Role, Caller, Deps>['handler'],
  });
}
