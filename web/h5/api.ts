import { hearTime } from '../shared/server-time';
import { goThroughWechat } from './session';

/** What went wrong, in words for a citizen. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** the API's name for it */
    readonly code = '',
  ) {
    super(message);
  }
}

/**
 * Reads from the citizens' API.
 * @throws ApiError also when the network fails or takes longer than 10 s
 */
export const read = <T>(path: string, signal?: AbortSignal) => call<T>(path, {}, signal);

/**
 * Sends to it. Whether it arrived is not known when the network fails: what must happen once carries a key of its own.
 * @throws ApiError likewise
 */
export const send = <T>(path: string, body: object) =>
  call<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

export const remove = <T>(path: string) => call<T>(path, { method: 'DELETE', headers: { 'X-Requested-With': 'page' } });

/**
 * A file as the whole body; on a poor network a photo takes a while.
 * @throws ApiError likewise
 */
export const upload = <T>(path: string, file: Blob) =>
  call<T>(
    path,
    // What is no picture is told so by what is in it: the names of kinds of files mean nothing to a citizen.
    {
      method: 'POST',
      headers: { 'Content-Type': file.type.startsWith('image/') ? file.type : 'image/jpeg' },
      body: file,
    },
    undefined,
    60_000,
  );

async function call<T>(path: string, request: RequestInit, signal?: AbortSignal, millis = 10_000): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), millis);
  signal?.addEventListener('abort', () => limit.abort());
  try {
    const sent = performance.now();
    const response = await fetch(`/api/h5${path}`, { ...request, signal: limit.signal });
    hearTime(response, sent);
    if (response.status === 401) throw new ApiError(401, await goThroughWechat());
    const body = await response.json();
    if (!response.ok) throw new ApiError(response.status, faultOf(body), body?.error?.code);
    return body as T;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, request.method ? '网络不太好，没有发出去，请再试一次' : '网络不太好，没有加载出来');
  } finally {
    clearTimeout(timer);
  }
}

function faultOf(
  body: { error?: { code?: string; message?: string; fields?: Record<string, string> } } | null,
): string {
  const { code, message = '服务暂时不可用', fields = {} } = body?.error ?? {};
  // Of wrong input each field says what was expected; that something is wrong goes without saying.
  return (code === 'invalid-input' && Object.values(fields).join('；')) || message;
}
