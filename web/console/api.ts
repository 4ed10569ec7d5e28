import { ElMessage } from 'element-plus';
import { hearTime } from '../shared/server-time';
import { renewSession } from './renew';

/** A refusal as the server told it: `message` is Chinese and meant for people, `fields` says what to mend where. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly code = '',
  ) {
    super(message);
  }
}

let whenSignedOut = () => {};
/** What to do when the session has run out, wherever that shows. */
export const onSignedOut = (act: () => void) => {
  whenSignedOut = act;
};
export const signedOut = () => whenSignedOut();

let whenFactorNeeded = () => {};
/** What to do when nothing is open before the second factor is set up. */
export const onFactorNeeded = (act: () => void) => {
  whenFactorNeeded = act;
};

export const get = <T>(path: string, query: Record<string, string | number | null | undefined> = {}) =>
  call<T>('GET', withQuery(path, query));
export const post = <T>(path: string, body?: object) => call<T>('POST', path, body);
/** A file as the whole body. */
export const upload = <T>(path: string, file: Blob) => call<T>('POST', path, file);
export const put = <T>(path: string, body: object) => call<T>('PUT', path, body);
export const patch = <T>(path: string, body: object) => call<T>('PATCH', path, body);
export const remove = <T>(path: string, query: Record<string, string | undefined> = {}) =>
  call<T>('DELETE', withQuery(path, query));

/** Says what went wrong in a word at the top, for acts that have no place of their own to say it. */
export function tell(error: unknown): void {
  ElMessage.error({ message: wordsOf(error), grouping: true });
}

export const wordsOf = (error: unknown): string =>
  error instanceof ApiError
    ? [error.message, ...(isStalePage(error) ? [] : Object.values(error.fields))].join('；')
    : '页面出错了，请刷新后再试';

/** The next page is none of what is asked for now: the list is to be read from its start. */
export const isStalePage = (error: unknown) => error instanceof ApiError && error.code === 'stale-page';

async function call<T>(method: string, path: string, body?: object | Blob): Promise<T> {
  let response = await send(method, path, body);
  // The way in has run out, the session perhaps not: once more with a new one.
  if (response.status === 401 && path !== '/login') {
    const renewed = await renewSession();
    if (renewed === 'unreachable') throw new ApiError(0, '连不上服务器，请检查网络');
    if (renewed === 'renewed') response = await send(method, path, body);
    if (response.status === 401) {
      signedOut();
      throw new ApiError(401, '登录已过期，请重新登录', {}, 'signed-out');
    }
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const { code = '', message = '服务器暂时没有回应，请稍后再试', fields = {} } = answer?.error ?? {};
  if (code === 'second-factor-needed' || code === 'password-given') whenFactorNeeded();
  throw new ApiError(response.status, message, fields, code);
}

async function send(method: string, path: string, body?: object | Blob): Promise<Response> {
  try {
    const sent = performance.now();
    const response = await fetch(`/api/console${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        'X-Requested-With': 'weiban-console',
        ...(body && { 'Content-Type': body instanceof Blob ? body.type || 'image/jpeg' : 'application/json' }),
      },
      body: body instanceof Blob ? body : body && JSON.stringify(body),
    });
    hearTime(response, sent);
    return response;
  } catch {
    throw new ApiError(0, '连不上服务器，请检查网络');
  }
}

function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
}
