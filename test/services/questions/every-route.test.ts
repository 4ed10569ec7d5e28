import type { z } from 'zod';
import { staffRoles } from '../../../src/people/staff';
import { questions } from '../../../src/services/questions';
import { linkToken } from '../../../src/services/questions/link';
import { addStaff, type Client, request, signIn } from '../../console/client';
import { act, type Ground, prefix, startGround } from './ground';
import { sampleOf } from './sample';

// Made from the declared contracts: a new route is tried by being there.
const routes = questions.staffRoutes!.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);
const citizenRoutes = questions.citizenRoutes!.map(
  (route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const,
);
/** Stands in everything of the police's, and in nothing of the hospital's. */
const secret = '警务机密';

let ground: Ground;
/** each role in the hospital's department alone */
const hospital = new Map<string, Client>();
let theirs: Record<string, string>;
let ours: Record<string, string>;

beforeAll(async () => {
  ground = await startGround();
  const { server, police, dispatcher } = ground;
  for (const role of staffRoles) {
    await addStaff(server, `desk-${role}`, role, 'hospital-first-desk');
    hospital.set(role, await signIn(server, `desk-${role}`));
  }
  await server.deps.db.query(`UPDATE staff SET name = $1 || id WHERE organisation_id = $2`, [
    secret,
    await ground.id('police-household'),
  ]);
  const canned = async (client: Client, title: string) =>
    String(((await client.send('POST', `${prefix}/canned`, { title, body: title })).body as { id: number }).id);
  const rule = async (organisation: string, word: string) => {
    const body = { organisationId: await ground.id(organisation), word };
    return String(((await dispatcher.send('POST', `${prefix}/rules`, body)).body as { id: number }).id);
  };
  theirs = {
    question: await ground.ask({ organisation: 'police-household', text: `${secret}，电话 13800138000` }),
    canned: await canned(police, secret),
    rules: await rule('police-household', secret),
  };
  ours = {
    question: await ground.ask({ text: '报告在哪里打印，电话 13900139000' }),
    canned: await canned(ground.hospital, '常用'),
    rules: await rule('hospital-first-desk', '报告'),
  };
  await act(police, theirs.question!, 'note', { text: secret, key: 'a-note-of-theirs' });
});
afterAll(() => ground?.stop());

/** The path with the id of what it is about, as the part before the id names it. */
function pathTo(route: { path: string }, of: Record<string, string>): string {
  return route.path.replace(/:\w+/g, (name, at: number) => {
    const [, kind] = /\/(\w+)\/$/.exec(route.path.slice(0, at)) ?? [];
    if (name === ':id' && at === 1) return of.question ?? nothing;
    if (name === ':image') return noImage;
    return name === ':id' && kind ? (of[kind] ?? nothing) : nothing;
  });
}
const nothing = '999999999';
/** in the form that ids of pictures have */
const noImage = '0'.repeat(32);

const call = (client: Client, [name, route]: (typeof routes)[number], of: Record<string, string>) => {
  const query = route.query ? `?${new URLSearchParams(queryOf(route))}` : '';
  return client.send(name.split(' ')[0]!, `${prefix}${pathTo(route, of)}${query}`, route.body && sampleOf(route.body));
};
const queryOf = (route: { query?: z.ZodType }) =>
  Object.entries(sampleOf(route.query!) as Record<string, unknown>)
    .filter(([, value]) => value !== '' && value !== null)
    .map(([name, value]) => [name, String(value)] as [string, string]);

const stored = async () => ({
  question: (await ground.server.deps.db.query('SELECT * FROM questions WHERE id = $1', [theirs.question]))[0],
  lines: await ground.lines(theirs.question!),
  canned: await ground.server.deps.db.query('SELECT * FROM question_canned WHERE id = $1', [theirs.canned]),
  rules: await ground.server.deps.db.query('SELECT * FROM question_rules WHERE id = $1', [theirs.rules]),
});

test.each(routes)(
  '%s lets in the roles it names, and shows the hospital nothing of the police',
  async (name, route) => {
    const before = await stored();
    expect(await request(ground.server, route.method.toUpperCase(), `${prefix}${pathTo(route, ours)}`)).toMatchObject({
      status: 401,
    });
    for (const [role, client] of hospital) {
      const allowed = route.roles.includes('staff') || (route.roles as readonly string[]).includes(role);
      const answer = await call(client, [name, route], theirs);
      const about = `${role} ${name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
      expect(about).not.toContain(secret);
      if (!allowed) expect([about, answer.status]).toEqual([about, 403]);
      // Not there, in the very words for what was never there. Before that only what is wrong in itself is told.
      else if (route.path.includes(':')) {
        expect([about, answer.status]).toEqual([about, 404]);
        const never = await call(client, [name, route], {});
        expect(answer.body).toEqual(never.body);
      } else expect([about, answer.status < 500]).toEqual([about, true]);
    }
    expect(await stored()).toEqual(before);
  },
);

test.each(routes)('%s answers who may, for what is theirs', async (name, route) => {
  const allowed = [...hospital].filter(([role]) => (route.roles as readonly string[]).includes(role));
  for (const [role, client] of allowed) {
    const question = await ground.ask({ text: '报告在哪里打印，电话 13900139000' });
    const { status, body } = await call(client, [name, route], { ...ours, question });
    const about = `${role} ${name}: ${status} ${JSON.stringify(body).slice(0, 200)}`;
    expect([about, status < 500 && status !== 401]).toEqual([about, true]);
    expect(about).not.toContain('找不到这个提问');
  }
});

describe('citizens’ links', () => {
  test.each(citizenRoutes)('%s: forged, cut, expired and another’s all open nothing', async (_name, route) => {
    const { server } = ground;
    const deps = server.deps.serviceDeps;
    const [{ openid }] = (await ground.server.deps.db.query<{ openid: string }>(
      'SELECT openid FROM questions WHERE id = $1',
      [theirs.question],
    )) as [{ openid: string }];
    const own = linkToken({ accountId: 1, openid, questionId: null }, deps);
    const [claim, signature] = own.split('.') as [string, string];
    const late = { ...deps, clock: { now: deps.clock.now, millis: () => deps.clock.millis() - 31 * 86_400_000 } };
    const another = Buffer.from(JSON.stringify([1, 'oSomebodyElse', '', 4_000_000_000])).toString('base64url');
    const stranger = linkToken({ accountId: 1, openid: 'oSomebodyElse', questionId: null }, deps);
    const tokens = [
      `${another}.${signature}`,
      claim,
      `${claim}.${signature.slice(0, -1)}`,
      `${claim}.`,
      '😀.😀',
      linkToken({ accountId: 1, openid, questionId: null }, late),
      ...(route.path.includes(':question') ? [stranger] : []),
      ...(route.path.includes(':question')
        ? [linkToken({ accountId: 1, openid, questionId: ours.question! }, deps)]
        : []),
    ];
    const before = await stored();
    for (const token of tokens) {
      const path = route.path
        .replace(':token', encodeURIComponent(token))
        .replace(':question', theirs.question!)
        .replace(/:\w+/g, noImage);
      const response = await fetch(`${server.url}/api/h5${path}`, {
        method: route.method.toUpperCase(),
        headers: { 'content-type': 'application/json' },
        body: route.body && JSON.stringify(sampleOf(route.body)),
      });
      const text = await response.text();
      // Without a link in its path, a route is for whoever is signed in.
      expect([token, response.status]).toEqual([token, route.path.includes(':token') ? 404 : 401]);
      expect(text).not.toContain(secret);
    }
    expect(await stored()).toEqual(before);
  });
});
