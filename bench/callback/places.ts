/** Whose code a script of the server's is, for the profile. */
export function placeOf(url: string): string {
  // The profiler itself.
  if (url.includes('/dist/bench/')) return 'idle';
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (library) return pg.test(library) ? 'pg' : koa.has(library) ? 'koa' : `library ${library}`;
  const ours = /\/dist\/src\/(dialogue\/inbox|[^/]+)/.exec(url)?.[1];
  return ours ? `src/${ours}` : 'other';
}

const pg = /^(pg|pg-.*|postgres-.*)$/;
const koa = new Set([
  'koa',
  'koa-compose',
  '@koa/router',
  'accepts',
  'content-disposition',
  'content-type',
  'cookies',
  'delegates',
  'destroy',
  'encodeurl',
  'escape-html',
  'fresh',
  'http-assert',
  'http-errors',
  'mime-db',
  'mime-types',
  'negotiator',
  'on-finished',
  'ee-first',
  'parseurl',
  'statuses',
  'type-is',
  'vary',
  'media-typer',
]);
