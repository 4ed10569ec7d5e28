import { startTestServer, type TestServer } from './support/server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

test('the icon that browsers ask for by themselves is there', async () => {
  const response = await fetch(`${server.url}/favicon.ico`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  expect(await response.text()).toContain('<svg');
});

test('answers say what time it is by our clock, apart from the Date by which browsers reckon when a cookie expires', async () => {
  server.deps.clock.offset = 3 * 24 * 3600_000;
  const { headers } = await fetch(`${server.url}/api/h5/consents/identity`);
  server.deps.clock.offset = 0;
  const ahead = Date.parse(headers.get('x-server-time')!) - Date.parse(headers.get('date')!);
  expect(Math.round(ahead / (24 * 3600_000))).toBe(3);
});
