import type { IncomingMessage } from 'node:http';

/** Why a body was not taken: larger than WeChat ever sends, not complete in time, or given up by the sender. */
export class BodyError extends Error {
  constructor(readonly reason: 'too-large' | 'too-slow' | 'aborted') {
    super(reason);
  }
}

/** WeChat's largest pushes are a few KiB. */
const largest = 64 * 1024;
const slowestMillis = 10_000;

/** The whole body, at most 64 KiB within 10 s. Rejects with BodyError; the connection must then be closed. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > largest) return reject(new BodyError('too-large'));
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => end(() => reject(new BodyError('too-slow'))), slowestMillis);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      request.off('data', take).off('end', done).off('error', broken).off('close', broken);
      settle();
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > largest) end(() => reject(new BodyError('too-large')));
      else chunks.push(chunk);
    };
    const done = () => end(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    const broken = () => end(() => reject(new BodyError('aborted')));
    request.on('data', take).on('end', done).on('error', broken).on('close', broken);
  });
}
