import jwt from 'jsonwebtoken';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { clientOf, smsCode } from './citizen-client';
import { formOf, later, registered, someone } from './registration';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

test('a token that was signed by somebody else, by nobody, or changed lets nobody in', async () => {
  const { citizen, openid } = await someone(server);
  const own = citizen.headers.authorization!.split(' ')[1]!;
  const claims = jwt.decode(own) as object;
  const [head, body, signature] = own.split('.') as [string, string, string];
  const other = Buffer.from(JSON.stringify({ ...claims, sub: anyone() })).toString('base64url');
  const forged = [
    jwt.sign(claims, 'another key'),
    jwt.sign(claims, null, { algorithm: 'none' }),
    `${head}.${other}.${signature}`,
    `${head}.${body}.`,
    openid,
  ];
  for (const token of forged)
    expect((await clientOf(server, { authorization: `Bearer ${token}` }).get('/persons')).status).toBe(401);
  expect((await citizen.get('/persons')).status).toBe(200);
});

test.each([
  ['markup', '<img src=x onerror=alert(1)>'],
  ['a million letters', '长'.repeat(1_000_000)],
  ['what turns the line round', '示例\u202e市民'],
  ['a zero', '示例\u0000'],
  ['half a letter', '示例\ud800'],
  ['SQL', "示例'; DROP TABLE persons; --"],
])('a name of %s is refused in words', async (_what, name) => {
  const who = await someone(server);
  const answer = await who.citizen.post('/persons', await formOf(server, who, { name }));
  expect([413, 422]).toContain(answer.status);
  expect(answer.body.error?.message).toEqual(expect.any(String));
});

test('a copy and a deletion are for one citizen alone, whoever knows the number', async () => {
  const [one, two] = [await registered(server), await someone(server)];
  later(server);
  await one.citizen.post('/privacy/codes');
  const asked = await one.citizen.post<{ id: string }>('/privacy/deletions', {
    code: await smsCode(server, one.openid),
  });
  expect(asked.status).toBe(201);
  expect((await two.citizen.post(`/privacy/deletions/${asked.body.id}/withdraw`)).status).toBe(404);
  expect((await two.citizen.get(`/privacy/exports/${asked.body.id}/data`)).status).toBe(404);
});
