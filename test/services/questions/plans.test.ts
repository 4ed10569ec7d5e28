import type { ServiceDeps } from '../../../src/dialogue/service';
import { findStaff, type Staff } from '../../../src/people/staff';
import type { Clock } from '../../../src/platform/clock';
import { answer, resolve } from '../../../src/services/questions/answer';
import { ask, leftToday } from '../../../src/services/questions/ask';
import { keepDraft, present, reveal } from '../../../src/services/questions/beside';
import type { Act } from '../../../src/services/questions/change';
import { latestOf, questionsOf, supplement, toRate } from '../../../src/services/questions/citizen';
import { closeSilent, rate } from '../../../src/services/questions/closing';
import { queues } from '../../../src/services/questions/contract';
import { departmentByRules } from '../../../src/services/questions/dispatch';
import { measure } from '../../../src/services/questions/figures-measure';
import { fireDue } from '../../../src/services/questions/fire';
import { merge } from '../../../src/services/questions/merge';
import { countQueues, listQueue } from '../../../src/services/questions/queues';
import { recomputeIfStale } from '../../../src/services/questions/recompute';
import { assign, bounce, claim, transfer } from '../../../src/services/questions/routing';
import { search } from '../../../src/services/questions/search';
import { note, pause, prioritise, snooze } from '../../../src/services/questions/tend';
import { readQuestion } from '../../../src/services/questions/thread';
import { addStaff } from '../../console/client';
import { allOf, type Explained, explaining } from '../../support/plans';
import { startTestServer, type TestServer } from '../../support/server';
import { fill, help, words } from './filler';

// With a year of a city's questions stored, everything that is asked about them reaches its rows by an index, and reads a number of
// rows that does not grow with what is stored. By the plans of the very statements that run.

const stored = { questions: 200_000, open: 3000 };
const until = new Date('2026-03-03T10:00:00+08:00');
const clock: Clock = { now: () => until, millis: () => until.getTime() };

let server: TestServer;
let explained: ReturnType<typeof explaining>;
let deps: ServiceDeps;
let supervisor: Staff;
/** of the department with the most questions, and of one with hardly any */
let busy: Staff;
let quiet: Staff;

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  await fill(server.deps.db, { ...stored, until });
  await help(server.deps.db, 100, until);
  explained = explaining(server.deps.db, /question|deliveries|sessions/);
  deps = { ...server.deps.serviceDeps, clock, db: explained.db };
  supervisor = await staff('supervisor');
  busy = await staff('clerk-house-1-1-1');
  quiet = await staff('clerk-house-19-15-1');
  explained.taken();
}, 240_000);
afterAll(() => server?.stop());

const staff = async (username: string) => (await findStaff(server.deps.db, { username }))!.staff;
const one = async (where: string) =>
  (
    await server.deps.db.query<{ id: string }>(
      `SELECT id::text FROM questions q WHERE ${where} ORDER BY q.id DESC LIMIT 1`,
    )
  )[0]!.id;

const stock = /^(questions|question_messages|question_fires|deliveries|sessions)$/;
const readers = ({ plan }: Explained) =>
  allOf(plan).filter((node) => stock.test(node['Relation Name'] ?? '') && node['Node Type'] !== 'ModifyTable');
/** Every row that was looked at, also those that were thrown away. */
const rowsRead = (all: Explained[]) =>
  all.flatMap(readers).reduce((sum, node) => {
    const {
      'Actual Rows': kept,
      'Rows Removed by Filter': dropped = 0,
      'Rows Removed by Index Recheck': unfit = 0,
    } = node;
    return sum + (kept + dropped + unfit) * node['Actual Loops'];
  }, 0);

/** How often an index was gone into by its bitmap: each time costs, also where nothing is found. */
const lookUps = (all: Explained[]) =>
  all
    .flatMap(({ plan }) => allOf(plan))
    .reduce((sum, node) => sum + (node['Node Type'] === 'Bitmap Index Scan' ? node['Actual Loops'] : 0), 0);

/** What a piece of work asked went by index alone, and looked at no more rows than that. */
async function expectBounded<T>(most: number, work: () => Promise<T>, mostLookUps = 100): Promise<T> {
  explained.taken();
  const result = await work();
  const all = explained.taken();
  expect(
    all.filter((one) => readers(one).some((node) => /Seq Scan/.test(node['Node Type']))).map(({ sql }) => sql),
  ).toEqual([]);
  expect(all.length).toBeGreaterThan(0);
  // A connection plans a statement with a name anew for a while, then keeps a plan for all parameters: each is good enough.
  expect(rowsRead(all.filter(({ kept }) => !kept))).toBeLessThanOrEqual(most);
  expect(rowsRead(all.filter(({ kept, named }) => kept || !named))).toBeLessThanOrEqual(most);
  expect(lookUps(all.filter(({ kept }) => !kept))).toBeLessThanOrEqual(mostLookUps);
  expect(lookUps(all.filter(({ kept, named }) => kept || !named))).toBeLessThanOrEqual(mostLookUps);
  return result;
}

const callers = () => [supervisor, busy, quiet];

describe.each(queues)('the queue %s', (queue) => {
  test.each([0, 1, 2])(
    'page by page, for somebody of the city, of a large and of a small department (%i)',
    async (index) => {
      const caller = callers()[index]!;
      const first = await expectBounded(2500, () => listQueue(queue, caller, { limit: 30 }, deps));
      if (index === 0 && queue !== 'mine' && queue !== 'overdue') expect(first.items).toHaveLength(30);
      if (first.next === null) return;
      const second = await expectBounded(2500, () => listQueue(queue, caller, { limit: 30, after: first.next! }, deps));
      const ids = [...first.items, ...second.items].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});

test('the numbers of all queues', async () => {
  for (const caller of callers()) await expectBounded(8000, () => countQueues(caller, deps));
});

describe('a search', () => {
  const find = (text: string, caller: Staff, queue?: (typeof queues)[number], after?: string) =>
    search({ text, queue }, caller, { limit: 30, after }, deps);
  /** What should be found first, without any index. */
  const newest = async (word: string, where = 'true') =>
    (
      await server.deps.db.query<{ id: string }>(
        `SELECT id::text FROM questions q WHERE strpos(text, $1) > 0 AND ${where} ORDER BY q.id DESC LIMIT 30`,
        [word],
      )
    ).map(({ id }) => id);

  const theirDepartments = ({ organisation }: Staff) =>
    `SELECT id FROM organisations WHERE parent_id = ${organisation.id}`;

  test('for a number', async () => {
    const [row] = await server.deps.db.query<{ number: string }>('SELECT number FROM questions WHERE id = 777');
    expect((await expectBounded(5, () => find(row!.number, supervisor))).items).toHaveLength(1);
    expect((await expectBounded(5, () => find(row!.number, quiet))).items).toHaveLength(0);
  });

  test('for a word that is rare', async () => {
    const found = await expectBounded(50, () => find(words.rare, supervisor), 18);
    expect(found).toMatchObject({ next: null });
    expect(found.items.map(({ id }) => id)).toEqual(await newest(words.rare));
  });

  test('for a word in every other question', async () => {
    // The newest eras are mostly of those that are still open.
    const found = await expectBounded(8 * 1024, () => find(words.common, supervisor, 'closed'));
    expect(found.items.map(({ id }) => id)).toEqual(await newest(words.common, `status = 'closed'`));
    const more = await expectBounded(2 * 1024, () => find(words.common, supervisor, 'closed', found.next!));
    expect(BigInt(more.items[0]!.id)).toBeLessThan(BigInt(found.items.at(-1)!.id));
  });

  test('for a word that everybody used once and nobody uses any more', async () => {
    const found = await expectBounded(2100, () => find(words.bygone, supervisor), 18);
    expect(found.items.map(({ id }) => id)).toEqual(await newest(words.bygone));
  });

  test('for the same in the department with the most questions: what lies between costs a few look-ups', async () => {
    const mine = `organisation_id = ${busy.organisation.id}`;
    const found = await expectBounded(200, () => find(words.bygone, busy), 12);
    expect(found.items.map(({ id }) => id)).toEqual(await newest(words.bygone, mine));
    const more = await expectBounded(200, () => find(words.bygone, busy, undefined, found.next!), 12);
    const olderOnes = await newest(words.bygone, `${mine} AND q.id < ${found.items.at(-1)!.id}`);
    expect(more.items.map(({ id }) => id)).toEqual(olderOnes);
  });

  test('for the same by somebody of many departments, who may have to go on for it', async () => {
    await addStaff(server, 'house-boss', 'supervisor', 'house-1');
    const boss = await staff('house-boss');
    const wanted = await newest(words.bygone, `organisation_id IN (${theirDepartments(boss)})`);
    let found = await expectBounded(4100, () => find(words.bygone, boss), 30);
    for (let turns = 0; found.items.length === 0 && turns < 10; turns++)
      found = await expectBounded(4100, () => find(words.bygone, boss, undefined, found.next!), 30);
    expect(found.items.map(({ id }) => id)).toEqual(wanted);
  });

  test('for two words that are common, but never together', async () => {
    expect(await expectBounded(50, () => find(`${words.bygone} ${words.ofHospitals}`, supervisor), 18)).toEqual({
      items: [],
      next: null,
    });
  });

  test("for a common word, by somebody with hardly any questions: their department's alone are read", async () => {
    const mine = `organisation_id = ${quiet.organisation.id}`;
    const found = await expectBounded(200, () => find(words.common, quiet), 18);
    expect(found.items.map(({ id }) => id)).toEqual(await newest(words.common, mine));
    expect(found.items.length).toBeGreaterThan(5);
  });

  test('for a word of another house finds nothing and reads nothing of theirs', async () => {
    expect(await expectBounded(50, () => find(words.ofHospitals, quiet), 18)).toEqual({ items: [], next: null });
  });

  test.each(queues)('in the queue %s', async (queue) => {
    for (const caller of callers()) await expectBounded(8000, () => find(words.common, caller, queue));
  });
});

describe("a citizen's", () => {
  const citizen = { accountId: 1, openid: `o${'2'.padStart(27, '0')}` };
  test('questions, and the one a message belongs to', async () => {
    const mine = await expectBounded(60, () => questionsOf(deps.db, citizen, { limit: 20 }));
    expect(mine.length).toBeGreaterThan(3);
    await expectBounded(60, () => questionsOf(deps.db, citizen, { limit: 20, before: mine[2]!.id }));
    await expectBounded(60, () => latestOf(deps.db, citizen, ['open']));
    await expectBounded(60, () => toRate(deps.db, citizen));
  });
  test('limit for a day, and new question', async () => {
    await expectBounded(10, () => leftToday(deps.db, { ...citizen, at: until }, deps));
    await expectBounded(0, () => deps.db.transaction((tx) => departmentByRules(tx, 1, '户口怎么迁')));
    const question = {
      ...citizen,
      organisationId: quiet.organisation.id,
      text: '（示例）路灯坏了怎么办',
      publishable: false,
    };
    await expectBounded(60, () =>
      deps.db.transaction((tx) => ask(tx, { ...question, at: until, key: 'a-key-of-the-page' }, deps)),
    );
  });
  test('supplement and rating', async () => {
    const [open, answered] = [await one(`status = 'open'`), await one(`status = 'answered' AND rated_at IS NULL`)];
    await expectBounded(30, () =>
      deps.db.transaction((tx) => supplement(tx, { id: open, text: '补充', key: 'another-key', at: until }, deps)),
    );
    await expectBounded(40, () =>
      deps.db.transaction((tx) => rate(tx, { id: answered, solved: true, satisfied: 5, at: until }, deps)),
    );
  });
});

describe('one question', () => {
  const act = (id: string, action: Act['action']): Act => ({ id, action, caller: supervisor, address: '127.0.0.1' });
  test('with its messages, its citizen and their history', async () => {
    const thread = await expectBounded(120, async () => readQuestion(await one(`status = 'closed'`), supervisor, deps));
    expect(thread.messages.length).toBeGreaterThan(0);
    expect(thread.history.length).toBeGreaterThan(3);
  });
  test('looked at, drafted, answered, resolved', async () => {
    const id = await one(`status = 'open' AND organisation_id = ${busy.organisation.id}`);
    await expectBounded(40, () => present(id, 'typing', busy, deps));
    await expectBounded(40, () => keepDraft(id, { text: '您好', images: [] }, busy, deps));
    const given = { text: '您好', seen: 0, key: 'a-key-of-an-answer', force: true, resolve: false };
    await expectBounded(80, () => answer(act(id, 'answer'), given, deps));
    await expectBounded(80, () => resolve(act(id, 'resolve'), deps));
  });
  test('moved and tended', async () => {
    const id = await one(`status = 'open' AND organisation_id = ${busy.organisation.id} AND assignee_id IS NULL`);
    await expectBounded(40, () => claim(act(id, 'claim'), deps));
    await expectBounded(40, () => assign(act(id, 'assign'), null, deps));
    await expectBounded(40, () => note(act(id, 'note'), { text: '备注', key: 'a-key-of-a-note' }, deps));
    await expectBounded(40, () => snooze(act(id, 'snooze'), new Date(until.getTime() + 3600_000), deps));
    await expectBounded(40, () => prioritise(act(id, 'priority'), 1, deps));
    await expectBounded(60, () => pause(act(id, 'pause'), '等材料', deps));
    await expectBounded(40, () => reveal(act(id, 'reveal'), '核对身份', deps));
    const to = { organisationId: quiet.organisation.id, reason: '归那边管' };
    await expectBounded(60, () => transfer(act(id, 'transfer'), to, deps));
    await expectBounded(60, () => bounce(act(id, 'bounce'), '不归我们', deps));
  });
  test('merged into another one of the same citizen', async () => {
    const rows = await server.deps.db.query<{ id: string }>(
      `UPDATE questions SET account_id = 1, openid = 'o-twice' WHERE id IN (
         SELECT id FROM questions WHERE status = 'open' AND organisation_id = ${busy.organisation.id} ORDER BY id LIMIT 2)
       RETURNING id::text`,
    );
    const [into, from] = rows.map(({ id }) => id);
    await expectBounded(60, () => merge(act(from!, 'merge'), into!, deps));
  });
});

describe('what time decides', () => {
  test('clocks that are due', async () => {
    const later = { now: () => new Date(until.getTime() + 3600_000), millis: () => until.getTime() + 3600_000 };
    const fired = await expectBounded(3000, () => fireDue({ ...deps, clock: later }));
    expect(fired).toBeGreaterThan(50);
  });
  test('answered ones that nobody has written to any more', async () => {
    const before = await server.deps.db.query(`SELECT 1 FROM questions WHERE status = 'answered'`);
    await expectBounded(before.length * 5, () => closeSilent(deps));
    const after = await server.deps.db.query(`SELECT 1 FROM questions WHERE status = 'answered'`);
    expect(after.length).toBeLessThan(before.length);
  });
  test('how long replies took: those that were not measured yet', async () => {
    await measure(deps);
    await expectBounded(60, () => measure(deps));
  });
  test('another calendar: the open ones alone are reckoned anew', async () => {
    await expectBounded(stored.open * 5, () => recomputeIfStale(deps));
  });
});
