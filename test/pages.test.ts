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
