import { consoleContracts } from '../../src/console';
import { demoPeople } from '../../src/console/demo-people';
import type { ConsoleRole } from '../../src/people/staff';
import { startTestServer, type TestServer } from '../support/server';
import { type Client, request, signIn } from './client';

let server: TestServer;
const people = new Map<string, Client>();

beforeAll(async () => {
  server = await startTestServer();
  for (const { username } of demoPeople) people.set(username, await signIn(server, username));
});
afterAll(() => server?.stop());

const cases = consoleContracts.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

test('no two routes share a method and a path', () => {
  const names = cases.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(cases)('%s is open to the roles it names and to nobody else', async (_name, route) => {
  // Nothing of the kind exists and the body is one that no contract takes, so that whoever gets in changes nothing.
  const path = route.path.replace(/:\w+/g, (name) => (name === ':id' ? '999999999' : 'nothing-like-it'));
  const body = route.body ? { nothing_like_it: true } : undefined;
  const method = route.method.toUpperCase();

  const stranger = await request(server, method, path, body);
  if (route.roles === 'public') {
    expect([200, 422]).toContain(stranger.status);
    return;
  }
  expect(stranger).toMatchObject({ status: 401, body: { error: { code: 'signed-out' } } });
  for (const { username, roles } of demoPeople) {
    const { status, body: answer } = await people.get(username)!.send(method, path, body);
    const allowed = route.roles.includes('staff') || roles.some((role: ConsoleRole) => route.roles.includes(role));
    expect([username, allowed ? status === 200 || status === 404 || status === 422 : status]).toEqual([
      username,
      allowed ? true : 403,
    ]);
    if (status !== 200) expect((answer as { error: { message: string } }).error.message).toMatch(/\p{Script=Han}/u);
  }
});

test('every route that changes something takes a role, and says so in the contract', () => {
  const open = consoleContracts.filter(({ roles, method }) => roles === 'public' && method !== 'get');
  expect(open.map(({ path }) => path)).toEqual(['/login', '/refresh']);
});

test('what is not in the list is not there', async () => {
  expect(await request(server, 'GET', '/nothing')).toMatchObject({
    status: 404,
    body: { error: { code: 'not-found' } },
  });
  expect(await request(server, 'PUT', '/me')).toMatchObject({ status: 404 });
});

test('the API document describes every route, and all it points to is in it', async () => {
  const response = await fetch(`${server.url}/api/openapi.json`);
  const document = (await response.json()) as {
    openapi: string;
    paths: Record<
      string,
      Record<string, { responses: object; operationId: string; parameters: { in: string; name: string }[] }>
    >;
  };
  expect(document.openapi).toBe('3.1.0');
  for (const { method, path } of consoleContracts) {
    const operation = document.paths[`/api/console${path}`.replace(/:(\w+)/g, '{$1}')]?.[method];
    expect(Object.keys(operation?.responses ?? {}).some((status) => status.startsWith('2'))).toBe(true);
    const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    const described = operation!.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    expect(described.sort()).toEqual(named.sort());
  }
  const operations = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(new Set(operations).size).toBe(operations.length);
  for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = pointer!.split('/').reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document);
    expect([pointer, typeof target]).toEqual([pointer, 'object']);
  }
});
