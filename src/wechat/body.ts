import type { IncomingMessage } from 'node:http';
import { createDeadline } from '../platform/deadline';

/** Why a body was not taken: larger than WeChat ever sends, not complete in time, or given up by the sender. */
export class BodyError extends Error {
  constructor(readonly reason: 'too-large' | 'too-slow' | 'aborted') {
    super(reason);
  }
}

/** WeChat's largest pushes are a few KiB. */
const largest = 64 * 1024;
const slowestMillis = 10_000;

type Refuse = (reason: BodyError['reason']) => void;
const slow = createDeadline<Refuse>(slowestMillis, (refuse) => refuse('too-slow'));

/** The whole body, at most 64 KiB within 10 s. Rejects with BodyError; the connection must then be closed. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let over = false;
    // Listeners stay where they are: taking them off again costs more than all the reading.
    const refuse: Refuse = (reason) => {
      if (over) return;
      over = true;
      slow.end(limit);
      reject(new BodyError(reason));
    };
    const limit = slow.start(refuse);
    if (Number(request.headers['content-length'] ?? 0) > largest) return refuse('too-large');
    request.on('data', (chunk: Buffer) => {
      if (over) return;
      size += chunk.length;
      if (size > largest) refuse('too-large');
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (over) return;
      over = true;
      slow.end(limit);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    // Also when the other side hangs up.
    request.on('error', () => refuse('aborted'));
  });
}
