export type HttpRequest = {
  url: string;
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string | FormData;
  /** for the whole exchange, answer included */
  timeoutMs: number;
  /** a longer answer is not read */
  maxBytes: number;
};

export type HttpAnswer = { status: number; contentType: string; disposition: string; body: Buffer };

/** No whole answer came. `sent` is false only where the request surely never left for the other side. */
export class HttpFault extends Error {
  override name = 'HttpFault';
  constructor(
    readonly reason: 'unreachable' | 'timeout' | 'disconnected' | 'too-large',
    readonly sent: boolean,
    detail: string,
  ) {
    super(detail);
  }
}

/** One exchange over HTTP. Redirects are not followed: a token stands in the address. @throws HttpFault */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      disposition: response.headers.get('content-disposition') ?? '',
      body: await readBounded(response, request.maxBytes),
    };
  } catch (error) {
    throw error instanceof HttpFault ? error : toFault(error as Error);
  }
}

async function readBounded(response: Response, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > most) throw new HttpFault('too-large', true, `more than ${most} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

/** Failures before a connection stood: the other side cannot have seen anything. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

function toFault(error: Error): HttpFault {
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new HttpFault('timeout', true, 'no answer in time');
  const code = causeCode(error);
  // Only the code: Node's own messages may hold the address.
  return neverSent.test(code)
    ? new HttpFault('unreachable', false, code)
    : new HttpFault('disconnected', true, code || error.name);
}

function causeCode({ cause }: Error): string {
  if (typeof cause !== 'object' || cause === null) return '';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  // Node tries several addresses of a host and gathers what each said.
  return cause instanceof AggregateError && cause.errors[0] ? causeCode(new Error('', { cause: cause.errors[0] })) : '';
}
