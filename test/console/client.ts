import type { TestServer } from '../support/server';

export type Answer = { status: number; body: unknown; headers: Headers };
export type Client = {
  token: string;
  get(path: string): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};

/** Someone of the demo staff, signed in as a program is: with a bearer token, and a new one when the clock has run past it. */
export async function signIn(
  server: Pick<TestServer, 'url'>,
  username: string,
  password = 'weiban-demo',
): Promise<Client> {
  const { status, body } = await request(server, 'POST', '/login', { username, password });
  if (status !== 200) throw new Error(`${username}: ${status} ${JSON.stringify(body)}`);
  let { token, refreshToken } = body as Tokens;
  const call = async (method: string, path: string, sent?: unknown, headers: Record<string, string> = {}) => {
    const send = () => request(server, method, path, sent, { authorization: `Bearer ${token}`, ...headers });
    const answer = await send();
    if (answer.status !== 401) return answer;
    const renewed = await request(server, 'POST', '/refresh', { refreshToken });
    if (renewed.status !== 200) return answer;
    ({ token, refreshToken } = renewed.body as Tokens);
    return send();
  };
  return {
    get token() {
      return token;
    },
    get: (path) => call('GET', path),
    send: call,
  };
}

type Tokens = { token: string; refreshToken: string };

/** One request to the console's API, with nothing but what is given. */
export async function request(
  { url }: Pick<TestServer, 'url'>,
  method: string,
  path: string,
  sent?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/console${path}`, {
    method,
    headers: { ...(sent !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: sent === undefined ? undefined : typeof sent === 'string' ? sent : JSON.stringify(sent),
  });
  const text = await response.text();
  // A file is no JSON.
  const body: unknown = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, body, headers: response.headers };
}

/** Adds someone with one role in one organisation; the password is that of the demo staff. */
export async function addStaff(
  server: TestServer,
  username: string,
  role: string,
  organisation: string,
): Promise<void> {
  await server.deps.db.query(
    `WITH s AS (
       INSERT INTO staff (username, name, password_hash, organisation_id, created_at)
       SELECT $1, $1, (SELECT password_hash FROM staff WHERE username = 'admin'), id, now() FROM organisations WHERE key = $3
       RETURNING id, organisation_id)
     INSERT INTO staff_roles (staff_id, role, organisation_id) SELECT id, $2, organisation_id FROM s`,
    [username, role, organisation],
  );
}

/** The audit rows of an action, newest first. */
export const audited = (server: TestServer, action: string) =>
  server.deps.db.query<{ subject: string; detail: Record<string, unknown>; username: string | null; address: string }>(
    `SELECT a.subject, a.detail, a.address, s.username FROM audit a LEFT JOIN staff s ON s.id = a.staff_id
      WHERE a.action = $1 ORDER BY a.id DESC`,
    [action],
  );
