import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/** The whole body of a request, up to `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on without keeping it, so that the refusal can still be sent over the same connection.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new BodyTooLarge(`body of ${size} bytes`);
  return Buffer.concat(chunks);
}

export type UploadedFile = { filename: string; contentType: string; bytes: Buffer };

/** The files and fields of a multipart form. */
export async function readForm(body: Buffer, contentType: string) {
  const files: Record<string, UploadedFile> = {};
  const fields: Record<string, string> = {};
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else files[name] = { filename: value.name, contentType: value.type, bytes: Buffer.from(await value.arrayBuffer()) };
  }
  return { files, fields };
}
