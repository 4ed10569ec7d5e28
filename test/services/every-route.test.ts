import { z } from 'zod';
import { consoleContracts } from '../../src/console';
import { staffRoles } from '../../src/people/staff';
import { loadServices } from '../../src/services/loader';
import { addStaff, type Client, request, signIn } from '../console/client';
import { sendSigned } from '../support/open-client';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { sampleOf } from './questions/sample';

// Every route for staff there is, of the console and of each service, made from the declared contracts: a new one is tried by being
// there. Questions are gone through further in questions/every-route.test.ts.

type Route = {
  method: string;
  path: string;
  roles: readonly string[] | 'public';
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  upload?: unknown;
};
const of = (service: string, routes: readonly Route[]) =>
  routes.map((route) => [`${route.method.toUpperCase()} ${service} ${route.path}`, service, route] as const);
const services = loadServices().filter(({ staffRoutes }) => staffRoutes?.length);
const all = [
  ...of('console', consoleContracts),
  ...services.flatMap(({ key, staffRoutes = [] }) => of(key, staffRoutes)),
];
const routes = all.filter(([, , { roles }]) => roles !== 'public');
/** What nobody has to sign in for, each with its own tests: one more has to be meant. */
const open = ['GET console /sign-in', 'POST console /login', 'POST console /refresh', 'POST appointments /screen'];
/** Ends the session that it is called with. */
const ending = ['POST console /logout', 'DELETE console /sessions'];

const programs = loadServices().flatMap(({ key, openRoutes = [] }) => of(key, openRoutes));

/** Stands in all that is the police's and in nothing of the hospital's. */
const secret = '警务机密';
const nothing = '999999999';

let server: TestServer;
/** each role in a department of the hospital, and nowhere else */
const hospital = new Map<string, Client>();
/** of the police's: by service, what stands for each parameter; `*` for those that are not named */
let theirs: Record<string, Record<string, string>>;

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  const { db } = server.deps;
  for (const role of staffRoles) {
    await addStaff(server, `desk-${role}`, role, 'hospital-first-desk');
    hospital.set(role, await signIn(server, `desk-${role}`));
  }
  const police = await signIn(server, 'clerk-police');
  await db.query(
    `UPDATE staff s SET name = $1 || s.id FROM organisations o WHERE o.id = s.organisation_id AND o.key LIKE 'police%'`,
    [secret],
  );
  const entry = await police.send('POST', '/services/knowledge/entries', {
    question: `${secret}有多少种`,
    answer: `${secret}一共八种。`,
  });
  const one = async (sql: string, values: unknown[] = []) => (await db.query<{ id: string }>(sql, values))[0]!.id;
  const resource = await one(
    `UPDATE appointment_resources r SET title = $1 FROM organisations o
      WHERE o.id = r.organisation_id AND o.key = 'police-household' RETURNING r.id::text AS id`,
    [secret],
  );
  const openid = anyone();
  await server.say(openid, '你好');
  const delivery = await one(
    `INSERT INTO deliveries (account_id, openid, created_at, source, type, status, body, give_up_at)
     SELECT 1, $1, now(), 'staff:test', 'text', 'failed', $2, now() RETURNING id::text AS id`,
    [openid, JSON.stringify({ content: secret })],
  );
  const madeKey = await (await signIn(server, 'operator')).send('POST', '/api-keys', {
    service: 'cases',
    target: 'demo-police',
    title: secret,
  });
  const apiKey = (madeKey.body as { id: string }).id;
  const policeSource = await one(`SELECT id::text AS id FROM case_sources WHERE key = 'demo-police'`);
  await db.query('UPDATE case_sources SET title = $1 WHERE id = $2', [secret, policeSource]);
  const theirCase = await one('SELECT id::text AS id FROM cases WHERE source_id = $1 LIMIT 1', [policeSource]);
  const theirImport = `${'0'.repeat(31)}1`;
  await db.query(
    `INSERT INTO case_imports (id, source_id, staff_id, file_name, status, asked_at, beat_at)
     SELECT $1, $2, id, $3, 'ready', now(), now() FROM staff WHERE username = 'operator'`,
    [theirImport, policeSource, secret],
  );
  await db.query(
    `UPDATE nearby_places SET doc = jsonb_set(doc, '{title}', to_jsonb($1::text)) WHERE doc ->> 'organisation' LIKE 'police%'`,
    [secret],
  );
  theirs = {
    console: {
      username: 'clerk-police',
      key: 'police-household',
      'accounts/:key': 'demo',
      account: 'demo',
      openid,
      // of accounts, never of a department
      'auto-replies/:id': nothing,
      'api-keys/:id': apiKey,
      '*': delivery,
    },
    knowledge: { '*': (entry.body as { id: string }).id },
    questions: {
      'rules/:id': await one(
        `SELECT coalesce(min(r.id), ${nothing})::text AS id FROM question_rules r JOIN organisations o ON o.id = r.organisation_id
          WHERE o.key LIKE 'police%'`,
      ),
      '*': await one(`SELECT min(q.id)::text AS id FROM questions q JOIN organisations o ON o.id = q.organisation_id
                                  WHERE o.key LIKE 'police%'`),
    },
    appointments: {
      resource,
      '*': await one(`SELECT min(a.id)::text AS id FROM appointments a JOIN organisations o ON o.id = a.organisation_id
                       WHERE o.key = 'police-household'`),
    },
    nearby: { '*': 'household' },
    cases: {
      'imports/:id': theirImport,
      'sources/:id': policeSource,
      '*': theirCase,
      'remotes/:id': await one(
        `UPDATE case_sources SET title = $1 WHERE key = 'demo-backoffice' RETURNING id::text AS id`,
        [secret],
      ),
    },
  };
});
afterAll(() => server?.stop());

test('for each service that has something for staff it is said here what of it is the police’s', () => {
  expect(services.map(({ key }) => key).filter((key) => !theirs[key])).toEqual([]);
});

test('what is open to everybody is meant to be', () => {
  expect(all.filter(([, , { roles }]) => roles === 'public').map(([name]) => name)).toEqual(open);
});

test('a whole number that is taken is one that the database keeps', () => {
  const citizens = loadServices().flatMap(({ key, citizenRoutes = [] }) => of(key, citizenRoutes));
  const tooLarge = [...all, ...programs, ...citizens].flatMap(([name, , { params, query, body }]) =>
    [params, query, body].flatMap((part) => (part ? largeNumbers(z.toJSONSchema(part, loosely), name) : [])),
  );
  expect(tooLarge).toEqual([]);
});

const loosely = { io: 'input', unrepresentable: 'any' } as const;
function largeNumbers(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, maximum } = schema as { type?: string; maximum?: number };
  const own = type === 'integer' && (maximum === undefined || maximum > 2_147_483_647) ? [at] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, part]) => largeNumbers(part, `${at} ${key}`))];
}

test.each(programs)('%s is for programs with a key of that service', async (_name, service, route) => {
  expect(route.roles).toEqual(['key']);
  const path = `/api/open${pathTo(route, {})}`;
  const method = route.method.toUpperCase();
  const unsigned = await fetch(`${server.url}${path}`, { method });
  expect(unsigned.status).toBe(401);
  const foreign = { id: `wk_${'0'.repeat(24)}`, secret: 'x' };
  expect((await sendSigned(server, foreign, path, bodyOf(route), { method })).status).toBe(401);
  const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security: object[] }>>;
  };
  const described = document.paths[`/api/open${route.path}`.replace(/:(\w+)/g, '{$1}')]?.[route.method];
  expect([service, described?.security]).toEqual([service, [{ signature: [] }]]);
});

test.each(routes)(
  '%s lets in the roles it names, and shows the hospital nothing of the police',
  async (name, service, route) => {
    const prefix = service === 'console' ? '' : `/services/${service}`;
    const call = (client: Client, ids: Record<string, string>) =>
      client.send(route.method.toUpperCase(), `${prefix}${pathTo(route, ids)}${queryTo(route)}`, bodyOf(route));
    expect(
      await request(server, route.method.toUpperCase(), `${prefix}${pathTo(route, theirs[service]!)}`),
    ).toMatchObject({
      status: 401,
    });
    if (ending.includes(name)) return;
    for (const [role, client] of hospital) {
      const allowed = route.roles.includes('staff') || route.roles.includes(role);
      const answer = await call(client, theirs[service]!);
      const about = `${role} ${name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 20_000)}`;
      expect(about).not.toContain(secret);
      if (!allowed) expect([about, answer.status]).toEqual([about, 403]);
      else if (route.path.includes(':')) {
        // Not there, in the very words for what was never there. Before that only what is wrong in itself is told.
        expect([about, [404, 422].includes(answer.status)]).toEqual([about, true]);
        expect(unnamed(answer, route, theirs[service]!)).toBe(unnamed(await call(client, {}), route, {}));
      } else expect([about, answer.status < 500]).toEqual([about, true]);
    }
  },
);

/** Parameters in the form that the contract wants, with the ids where they stand for something. */
function pathTo({ path, params }: Route, ids: Record<string, string>): string {
  const sample = (params ? sampleOf(params) : {}) as Record<string, unknown>;
  return path.replace(/([\w-]+)\/:(\w+)|:(\w+)/g, (_, before: string | undefined, after: string, alone: string) => {
    const name = after ?? alone;
    const formed = String(sample[name] ?? '');
    const value = /^\d{4}-\d\d-\d\d/.test(formed)
      ? formed
      : (ids[`${before}/:${name}`] ?? ids[name] ?? ids['*'] ?? nothing);
    return before ? `${before}/${value}` : value;
  });
}

/** What was answered, but for the names that the caller has asked by themselves. */
const unnamed = ({ body }: { body: unknown }, route: Route, ids: Record<string, string>): string =>
  pathTo(route, ids)
    .split('/')
    .filter((part) => part !== '' && !route.path.includes(part))
    .reduce((text, name) => text.replaceAll(name, '〔〕'), JSON.stringify(body));

function queryTo({ query }: Route): string {
  if (!query) return '';
  const given = Object.entries(sampleOf(query) as Record<string, unknown>).filter(
    ([, value]) => value !== '' && value !== null,
  );
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

const bodyOf = ({ body }: Route) => body && sampleOf(body);
