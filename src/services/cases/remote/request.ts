import { z } from 'zod';
import type { Description } from './description';
import { signatureHeaders } from './signature';

const placeholder = /\{([a-zA-Z]+)\}/g;
const known = ['number', 'factor', 'document', 'documentKind'] as const;
/** What a question puts in the places of a template. */
export type Values = Partial<Record<(typeof known)[number], string>>;

const template = z
  .string()
  .max(2000)
  .refine((text) => namesIn(text).every((name) => (known as readonly string[]).includes(name)), {
    error: `花括号里只能是 ${known.join('、')}`,
  });
const fields = z.record(z.string().min(1).max(60), template);

export const requestContract = z.strictObject({
  method: z.enum(['GET', 'POST']).default('GET'),
  path: template.refine((text) => /^(\/[^?#\s]*)?$/.test(text), '应以 / 开头，参数写在 query 里').default(''),
  query: fields.default({}),
  body: z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('json'),
        value: z.json().refine(ownNames, `花括号里只能是 ${known.join('、')}`),
      }),
      z.strictObject({ type: z.literal('form'), fields }),
      z.strictObject({ type: z.literal('xml'), text: template }),
    ])
    .nullable()
    .default(null),
});
type Request = z.output<typeof requestContract>;

export type Outgoing = { method: 'GET' | 'POST'; url: URL; headers: Record<string, string>; body: string | undefined };

/** What proves that it is us, and when. */
type Proof = { secret: string; at: Date };

/** A request of the described back end and of no other: what is filled in can change neither host nor folder. */
export function outgoing({ baseUrl, auth }: Description, request: Request, values: Values, proof: Proof): Outgoing {
  const base = new URL(baseUrl);
  const url = new URL(baseUrl + fill(request.path, values, encodeURIComponent));
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname.replace(/\/$/, '')))
    throw new Error('a path leaves the described address');
  for (const [name, text] of Object.entries(request.query)) url.searchParams.append(name, fill(text, values));
  const { contentType, body } = bodyOf(request, values);
  const headers = {
    accept: 'application/json, application/xml, text/xml',
    // What is packed could grow without bound.
    'accept-encoding': 'identity',
    ...(contentType && { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body!)) }),
    ...authHeaders(auth, { method: request.method, url, body }, proof),
  };
  return { method: request.method, url, headers, body };
}

/** The names of all placeholders in a request. */
export const usesIn = ({ path, query, body }: Request): Set<string> =>
  new Set(namesIn([path, ...Object.values(query), JSON.stringify(body)].join('\n')));

function authHeaders(
  auth: Description['auth'],
  request: Omit<Outgoing, 'headers'>,
  { secret, at }: Proof,
): Record<string, string> {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${auth.username}:${secret}`).toString('base64')}` };
    case 'header':
      return { [auth.name.toLowerCase()]: secret };
    case 'hmac':
      return signatureHeaders(auth, secret, { ...request, at });
  }
}

function bodyOf({ body }: Request, values: Values): { contentType?: string; body?: string } {
  switch (body?.type) {
    case 'json':
      return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(filled(body.value, values)) };
    case 'form': {
      const pairs = Object.entries(body.fields).map(([name, text]): [string, string] => [name, fill(text, values)]);
      return { contentType: 'application/x-www-form-urlencoded', body: new URLSearchParams(pairs).toString() };
    }
    case 'xml':
      return { contentType: 'text/xml; charset=utf-8', body: fill(body.text, values, escapeXml) };
    default:
      return {};
  }
}

/** Only texts are filled in, never pieces of JSON. */
function filled(value: z.core.util.JSONType, values: Values): z.core.util.JSONType {
  if (typeof value === 'string') return fill(value, values);
  if (Array.isArray(value)) return value.map((one) => filled(one, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, values)]));
}

const fill = (text: string, values: Values, encode: (value: string) => string = (value) => value): string =>
  text.replace(placeholder, (_whole, name: keyof Values) => encode(values[name] ?? ''));

const namesIn = (text: string): string[] => [...text.matchAll(placeholder)].map(([, name]) => name!);

function ownNames(value: z.core.util.JSONType): boolean {
  if (typeof value === 'string') return namesIn(value).every((name) => (known as readonly string[]).includes(name));
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(ownNames);
}

const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
