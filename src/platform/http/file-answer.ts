import type { Readable } from 'node:stream';
import type { Context } from 'koa';
import { z } from 'zod';

type Content = {
  /** a stream where holding the whole would take too much memory */
  bytes: Buffer | Readable;
  contentType: string;
  /** changes when the content does; without one nothing is kept */
  etag?: string;
  /** how long the browser may show it without asking again; never a proxy */
  keepSeconds?: number;
  /** to be saved under this name, instead of shown */
  saveAs?: string;
};

/** What a handler answers with in place of JSON. */
export class FileAnswer {
  constructor(readonly content: Content) {}
}

/** The output of a route that answers with a file of such a type. */
export const fileOutput = (contentType: string) => z.instanceof(FileAnswer).meta({ file: contentType });

/** Undefined for a route that answers JSON. */
export const fileTypeOf = (output: z.ZodType): string | undefined => output.meta()?.file as string | undefined;

/** A file is shown as what it is or not at all, runs nothing, and stays between us and this browser. */
export function sendFile(ctx: Context, { content }: FileAnswer): void {
  const { bytes, contentType, etag, keepSeconds = 0, saveAs } = content;
  ctx.set({
    'Cache-Control': etag ? `private, max-age=${keepSeconds}` : 'private, no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Content-Disposition': saveAs ? `attachment; filename*=UTF-8''${encodeURIComponent(saveAs)}` : 'inline',
  });
  // What goes on for as long as the other side listens must not be gathered by a proxy on the way.
  if (contentType.startsWith('text/event-stream')) ctx.set('X-Accel-Buffering', 'no');
  ctx.status = 200;
  if (etag) ctx.etag = etag;
  if (etag && ctx.fresh) {
    ctx.status = 304;
    return;
  }
  ctx.type = contentType;
  ctx.body = bytes;
}
