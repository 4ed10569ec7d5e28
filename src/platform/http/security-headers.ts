import type { Middleware } from 'koa';

type Options = {
  /** further sources that a page of ours needs, by CSP directive: `{ 'img-src': ['https:'] }` */
  allow?: Record<string, string[]>;
  /** who may show it in a frame; nobody unless said */
  framedBy?: "'self'" | "'none'";
  /** for reading codes, once the person has allowed it */
  camera?: boolean;
};

/** What a browser must not do with our pages and answers: run foreign scripts, frame them, guess types, leak addresses. */
export function securityHeaders({ allow = {}, framedBy = "'none'", camera = false }: Options = {}): Middleware {
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    // Vue and the component libraries set style attributes
    'style-src': ["'self'", "'unsafe-inline'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': [framedBy],
  };
  for (const [directive, sources] of Object.entries(allow))
    directives[directive] = [...(directives[directive] ?? ["'self'"]), ...sources];
  const policy = Object.entries(directives)
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join('; ');
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': `camera=(${camera ? 'self' : ''}), microphone=(), payment=()`,
    });
    if (framedBy === "'none'") ctx.set('X-Frame-Options', 'DENY');
    await next();
  };
}
