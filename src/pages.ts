import path from 'node:path';
import type { Middleware } from 'koa';
import serve from 'koa-static';
import { securityHeaders } from './platform/http/security-headers';
import { projectRoot } from './platform/project-root';

/** The web pages as Vite built them. Files with a hash in their name never change; the rest is asked for anew. */
export function pages({ simulator }: { simulator: boolean }): Middleware {
  const headers = {
    // Clerks read citizens' tickets with the camera of their desk.
    console: securityHeaders({ camera: true }),
    // The phone shows them in a frame, and the pages citizens see carry pictures from elsewhere.
    // Vant's icons are a font inside its style sheet.
    h5: securityHeaders({
      framedBy: simulator ? "'self'" : "'none'",
      allow: { 'img-src': ['https:'], 'font-src': ['data:'] },
    }),
    phone: securityHeaders({ allow: { 'img-src': ['https:', 'http:'], 'frame-src': ['https:', 'http:'] } }),
  };
  const files = serve(path.join(projectRoot, 'dist/web'), {
    setHeaders: (res, file) => {
      res.setHeader(
        'Cache-Control',
        file.includes(`${path.sep}assets${path.sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });

  return async (ctx, next) => {
    // Browsers ask for it by themselves where what they show names none, such as the API document.
    if (ctx.path === '/favicon.ico') ctx.path = '/h5/favicon.svg';
    const page = /^\/(console|h5|phone)(\/|$)/.exec(ctx.path);
    if (ctx.path === '/') return ctx.redirect(simulator ? '/phone/' : '/h5/');
    if (!page || (page[1] === 'phone' && !simulator)) return next();
    if (page[2] === '') return ctx.redirect(`${ctx.path}/`);
    await headers[page[1] as keyof typeof headers](ctx, () => files(ctx, next));
  };
}
