import { startTestServer, type TestServer } from '../support/server';

let worker: TestServer;
beforeAll(async () => {
  worker = await startTestServer({ env: { ROLES: 'worker', LOG_LEVEL: 'silent' } });
});
afterAll(() => worker?.stop());

test('a worker tells how it fares, and serves nothing else', async () => {
  const status = async (path: string) => (await fetch(`${worker.url}${path}`)).status;
  expect(await status('/healthz')).toBe(200);
  expect(await (await fetch(`${worker.url}/readyz`)).json()).toMatchObject({ ready: true });
  expect(await (await fetch(`${worker.url}/metrics`)).text()).toContain('weiban_deliveries_total');
  for (const path of [
    '/',
    '/wechat/demo',
    '/console/',
    '/h5/',
    '/phone/',
    '/api/openapi.json',
    '/api/console/sign-in',
    '/simulator/clock',
  ])
    expect([path, await status(path)]).toEqual([path, 404]);
});
