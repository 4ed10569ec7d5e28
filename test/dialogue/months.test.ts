import { keepMonths } from '../../src/dialogue/inbox/months';
import type { Inbound } from '../../src/dialogue/message';
import { createClock, type ShiftedClock } from '../../src/platform/clock';
import type { Settings } from '../../src/platform/settings';
import { anyone, startTestServer, type TestServer } from '../support/server';

let server: TestServer;
let clock: ShiftedClock;
beforeEach(async () => {
  server = await startTestServer({ services: [], env: { ROLES: 'web' } });
  clock = server.deps.clock;
  // The middle of a month, so that a day forth or back stays in it.
  const now = clock.now();
  clock.offset += Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 15, 12) - now.getTime();
});
afterEach(() => server?.stop());

const keep = () => keepMonths(server.deps);

/** `inbox_202601` for 0 in January 2026, `inbox_202602` for 1 … */
function month(ahead: number): string {
  const now = clock.now();
  const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
  return `inbox_${start.toISOString().slice(0, 7).replace('-', '')}`;
}

function moveMonths(months: number): void {
  const now = clock.now();
  clock.offset += Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 15, 12) - now.getTime();
}

async function partitions(): Promise<string[]> {
  const rows = await server.deps.db.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'inbox'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

const partitionOf = async (openid: string) =>
  (
    await server.deps.db.query<{ name: string }>(
      'SELECT tableoid::regclass::text AS name FROM inbox WHERE openid = $1',
      [openid],
    )
  ).map(({ name }) => name);

let messages = 0;
const message = (openid: string, createTime = Math.floor(clock.millis() / 1000)): Inbound => {
  const msgId = String(5000 + ++messages);
  const base = { to: 'gh_demo00000001', openid, createTime, dedupe: `m:${msgId}` };
  return { ...base, type: 'text', content: '帮助', msgId };
};
const receive = (inbound: Inbound) => server.deps.inbox.receive(server.deps.accounts.byKey('demo')!, inbound);

test('the month before, this one and the next two are there from the start, and a second look changes nothing', async () => {
  await keep();
  const there = await partitions();
  expect(there).toEqual(expect.arrayContaining([month(-1), month(0), month(1), month(2), 'inbox_default']));
  await keep();
  expect(await partitions()).toEqual(there);
  const hurried = await server.deps.db.query(
    `SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
      WHERE inhparent = 'inbox'::regclass AND c.reloptions IS DISTINCT FROM '{autovacuum_vacuum_cost_delay=20}'`,
  );
  expect(hurried).toEqual([]);
});

test('each message lies in the month that WeChat sent it in, to the second', async () => {
  await keep();
  const now = clock.now();
  const [first, next] = [0, 1].map((ahead) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1) / 1000);
  const cases: [number, string][] = [
    [first! - 1, month(-1)],
    [first!, month(0)],
    [next! - 1, month(0)],
    [next!, month(1)],
    [0, 'inbox_default'],
    [4_102_444_799, 'inbox_default'],
  ];
  for (const [createTime, partition] of cases) {
    const openid = anyone();
    await receive(message(openid, createTime));
    expect(await partitionOf(openid)).toEqual([partition]);
  }
});

test('after the clock has jumped: what came meanwhile moves over from DEFAULT, and is still known', async () => {
  await keep();
  moveMonths(4);
  const [openid, timeless] = [anyone(), anyone()];
  const sent = message(openid);
  const first = await receive(sent);
  await receive(message(timeless, 0));
  expect(await partitionOf(openid)).toEqual(['inbox_default']);
  await keep();
  expect(await partitionOf(openid)).toEqual([month(0)]);
  expect(await partitionOf(timeless)).toEqual(['inbox_default']);
  expect(await receive({ ...sent })).toEqual(first);
  expect(await partitionOf(openid)).toEqual([month(0)]);
  // A month added later has what the others have: its own key and the indexes that the worker goes by.
  const [indexes] = await server.deps.db.query<{ same: boolean }>(
    `SELECT (SELECT count(*) FROM pg_indexes WHERE tablename = $1) = (SELECT count(*) FROM pg_indexes WHERE tablename = 'inbox') AS same`,
    [month(0)],
  );
  expect(indexes!.same).toBe(true);
});

describe('retention', () => {
  const settings = (months?: number): Settings => ({
    get: <T>(key: string, otherwise: T) =>
      key === 'inbox.retention-months' && months !== undefined ? (months as T) : otherwise,
    set: async () => {},
  });
  /** Fourteen months with a message each, seen by the last of them. */
  async function fourteenMonths(): Promise<string[]> {
    const people: string[] = [];
    for (let n = 0; n < 14; n++) {
      if (n > 0) moveMonths(1);
      // Nothing is dropped on the way.
      await keepMonths({ ...server.deps, settings: settings(100) });
      people.push(anyone());
      await receive(message(people[n]!));
    }
    return people;
  }
  const kept = async (people: string[]) =>
    (await server.deps.db.query<{ openid: string }>('SELECT openid FROM inbox WHERE openid = ANY ($1)', [people]))
      .length;

  test.each([
    ['twelve months unless set', undefined, 12],
    ['as many as are set', 8, 8],
    ['never under the six months that the law wants logs kept', 1, 6],
  ])('%s', async (_, set, months) => {
    const people = await fourteenMonths();
    expect(await kept(people)).toBe(14);
    await keepMonths({ ...server.deps, settings: settings(set) });
    // The month under way and that many whole ones before it.
    expect(await kept(people)).toBe(months + 1);
    const there = await partitions();
    expect(there).toContain(month(-months));
    expect(there).not.toContain(month(-months - 1));
  });

  test('what has no month goes by when it was received', async () => {
    const [old, young] = [anyone(), anyone()];
    await receive(message(old, 0));
    moveMonths(5);
    await receive(message(young, 0));
    moveMonths(8);
    await keep();
    expect(await partitionOf(old)).toEqual([]);
    expect(await partitionOf(young)).toEqual(['inbox_default']);
  });

  test('the setting is read from Postgres, where the console changes it', async () => {
    const people = await fourteenMonths();
    await server.deps.settings.set('inbox.retention-months', 7);
    await keep();
    expect(await kept(people)).toBe(8);
  });
});

test('several processes at once, with messages coming in: each month once, no message lost or twice', async () => {
  const other = await startTestServer({ services: [], databaseUrl: server.databaseUrl, env: { ROLES: 'web' } });
  try {
    await keep();
    moveMonths(9);
    other.deps.clock.offset = clock.offset;
    const people = Array.from({ length: 40 }, anyone);
    const half = people.slice(20);
    await Promise.all(people.slice(0, 20).map((openid) => receive(message(openid))));
    await Promise.all([
      keep(),
      keepMonths(other.deps),
      keep(),
      keepMonths(other.deps),
      ...half.map((openid) => receive(message(openid))),
    ]);
    const names = await Promise.all(people.map(partitionOf));
    expect(names).toEqual(people.map(() => [month(0)]));
    expect(await partitions()).toEqual(expect.arrayContaining([month(-1), month(0), month(1), month(2)]));
  } finally {
    await other.stop();
  }
});

test('goes by the clock alone, in UTC, at the very edge of a month', async () => {
  const edge = Date.UTC(2031, 11, 31, 23, 59, 59);
  const settings: Settings = { get: (_, otherwise) => otherwise, set: async () => {} };
  await keepMonths({ ...server.deps, settings, clock: createClock(edge - createClock().millis()) });
  expect(await partitions()).toEqual(
    expect.arrayContaining(['inbox_203111', 'inbox_203112', 'inbox_203201', 'inbox_203202']),
  );
});
