import { createHash, createHmac } from 'node:crypto';
import type { Description } from './description';

type Hmac = Extract<Description['auth'], { kind: 'hmac' }>;
type Signed = { method: string; url: URL; body: string | undefined; at: Date };

/** What proves a request to be ours without the secret going along: the four lines are in docs/cases.md. */
export function signatureHeaders({ keyId, headers }: Hmac, secret: string, { method, url, body = '', at }: Signed) {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const hash = createHash('sha256').update(body).digest('hex');
  const lines = [method, url.pathname + url.search, timestamp, hash].join('\n');
  return {
    ...(keyId && { [headers.key.toLowerCase()]: keyId }),
    [headers.timestamp.toLowerCase()]: timestamp,
    [headers.signature.toLowerCase()]: createHmac('sha256', secret).update(lines).digest('hex'),
  };
}
