import type {
  Account,
  Act,
  Answer,
  Citizen,
  Fault,
  MenuButton,
  Message,
  NewFault,
  Send,
  Template,
  Trace,
} from './types';

/** What the server answered instead of a result; the message is Chinese and meant for the person. */
export class ApiError extends Error {}

export const api = {
  accounts: () => get<{ accounts: Account[] }>('accounts').then((body) => body.accounts),
  citizens: (account: string) =>
    get<{ citizens: Citizen[] }>(`citizens/${part(account)}`).then((body) => body.citizens),
  addCitizen: (account: string, name?: string) =>
    post<{ openid: string; name: string }>(`citizens/${part(account)}`, name ? { name } : {}),

  chat: (account: string, openid: string, before?: number, limit = 50) =>
    get<{ messages: Message[]; following: boolean }>(
      `chats/${part(account)}/${part(openid)}?limit=${limit}${before === undefined ? '' : `&before=${before}`}`,
    ),
  act: (account: string, openid: string, act: Act) => post<Answer>(`chats/${part(account)}/${part(openid)}`, act),
  menu: (account: string, openid: string) =>
    get<{ menu: MenuButton[] | null }>(`menus/${part(account)}?openid=${part(openid)}`).then((body) => body.menu ?? []),
  templates: (account: string) =>
    get<{ templates: Template[] }>(`templates/${part(account)}`).then((body) => body.templates),

  traces: (account: string, openid: string) =>
    get<{ traces: Trace[] }>(`traces/${part(account)}/${part(openid)}?limit=30`).then((body) => body.traces),
  sends: (account: string, openid: string) =>
    get<{ sends: Send[] }>(`sends/${part(account)}/${part(openid)}?limit=30`).then((body) => body.sends),

  clock: () => get<{ now: string; offset: number }>('clock'),
  advance: (seconds: number) => post<{ now: string; offset: number }>('clock', { advance: seconds }),
  faults: () => get<{ faults: Fault[] }>('faults').then((body) => body.faults),
  addFault: (fault: NewFault) => post<unknown>('faults', fault),
  clearFaults: () => request<unknown>('faults', { method: 'DELETE' }),

  /** Of all the account's citizens, so that the list shows who has something new. */
  liveUrl: (account: string) => `/simulator/live?account=${part(account)}`,
  h5Url: (account: string, openid: string, url: string) =>
    `/simulator/h5?account=${part(account)}&openid=${part(openid)}&url=${part(url)}`,
};

const part = encodeURIComponent;

function get<T>(path: string): Promise<T> {
  return request<T>(path, { method: 'GET' });
}

function post<T>(path: string, body: unknown): Promise<T> {
  return request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(`/simulator/${path}`, init).catch(() => {
    throw new ApiError('连不上微办服务，请确认它仍在运行');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  if (response.ok && response.status === 204) return undefined as T;
  throw new ApiError(errorOf(body) ?? `服务器答复异常（${response.status}）`);
}

function errorOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : undefined;
}
