import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { TestServer } from './server';

export type Key = { id: string; secret: string };
type Changes = {
  method?: string;
  idempotencyKey?: string;
  timestamp?: number;
  /** instead of the body that was signed */
  sent?: string;
  headers?: Record<string, string>;
};
export type OpenAnswer = { status: number; text: string };

/** A request as a back-office program signs it, docs/open-api.md; `changes` makes something of it wrong. */
export async function sendSigned(
  { url, deps }: TestServer,
  { id, secret }: Key,
  path: string,
  body: unknown,
  changes: Changes = {},
): Promise<OpenAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const method = changes.method ?? 'POST';
  const timestamp = String(changes.timestamp ?? Math.floor(deps.clock.millis() / 1000));
  const idempotencyKey = changes.idempotencyKey ?? randomUUID();
  const hash = createHash('sha256').update(text).digest('hex');
  const signed = ['v1', method, path, timestamp, idempotencyKey, hash].join('\n');
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-weiban-key': id,
      'x-weiban-timestamp': timestamp,
      'idempotency-key': idempotencyKey,
      'x-weiban-signature': createHmac('sha256', secret).update(signed).digest('hex'),
      ...changes.headers,
    },
    body: method === 'GET' ? undefined : (changes.sent ?? text),
  });
  return { status: response.status, text: await response.text() };
}
