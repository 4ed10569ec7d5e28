import type { ServiceDeps } from '../../../src/dialogue/service';
import { findStaff, type Staff } from '../../../src/people/staff';
import { statuses } from '../../../src/services/knowledge/contract';
import { entryVector } from '../../../src/services/knowledge/entry';
import { countEntries, listEntries } from '../../../src/services/knowledge/list';
import { countWords } from '../../../src/services/knowledge/publish';
import { searchEntries } from '../../../src/services/knowledge/search';
import { readEntry } from '../../../src/services/knowledge/show';
import { addStaff } from '../../console/client';
import { allOf, explaining } from '../../support/plans';
import { startTestServer, type TestServer } from '../../support/server';
import { fillerEntries } from './filler';

// With 200,000 entries every list, search and count reaches its rows by an index and reads a bounded number of them. By the plans of
// the very statements that run.

const stored = 200_000;
const portion = 20_000;
let server: TestServer;
let explained: ReturnType<typeof explaining>;
let deps: ServiceDeps;
let reviewer: Staff;
let clerk: Staff;

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  const { db, clock } = server.deps;
  await fill(db, clock.now());
  await addStaff(server, 'city-reviewer', 'reviewer', 'city');
  explained = explaining(db, /knowledge_(entries|published)/);
  deps = { ...server.deps.serviceDeps, db: explained.db };
  reviewer = (await findStaff(db, { username: 'city-reviewer' }))!.staff;
  clerk = (await findStaff(db, { username: 'clerk-hospital' }))!.staff;
  explained.taken();
}, 240_000);
afterAll(() => server?.stop());

/** A thousand different ones again and again; of two organisations, most of them published. */
async function fill(db: TestServer['deps']['db'], at: Date): Promise<void> {
  const filler = fillerEntries(1000);
  const shapes = filler.map((one) => ({ ...one, search: entryVector(one) }));
  // Indexes of words are built at the end: sorting once is cheaper than finding each place.
  await db.query('DROP INDEX knowledge_entries_search, knowledge_published_search');
  for (let from = 1; from < stored; from += portion)
    await db.query(
      `WITH shape AS MATERIALIZED (
         SELECT row_number() OVER () - 1 AS n, s.*
           FROM jsonb_to_recordset($1::jsonb) AS s (question text, answer text, aliases text[], search text)),
       entry AS (
         INSERT INTO knowledge_entries (organisation_id, status, question, answer, aliases, authors, live_version, changed_at, search)
         SELECT o.id, CASE g.n % 50 WHEN 0 THEN 'draft' WHEN 1 THEN 'submitted' ELSE 'published' END, question, answer, aliases, '{}',
                CASE WHEN g.n % 50 > 1 THEN 1 END, $2::timestamptz - g.n * interval '1 minute', search::tsvector
           FROM generate_series($3::int, $4::int) g (n) JOIN shape s ON s.n = g.n % 1000
           JOIN organisations o ON o.key = CASE WHEN g.n % 3 = 0 THEN 'hospital-first-desk' ELSE 'police-household' END
         RETURNING id, organisation_id, question, answer, aliases, status, search)
       INSERT INTO knowledge_published (entry_id, version, organisation_id, title, aliases, answer, demo, published_at, search)
       SELECT id, 1, organisation_id, question, aliases, answer, false, $2, search FROM entry WHERE status = 'published'`,
      [JSON.stringify(shapes), at, from, from + portion - 1],
    );
  await db.query('CREATE INDEX knowledge_entries_search ON knowledge_entries USING gin (search)');
  await db.query(
    'CREATE INDEX knowledge_published_search ON knowledge_published USING gin (search) WITH (fastupdate = off)',
  );
  await db.transaction(countWords);
  await db.query('ANALYZE knowledge_entries');
}

async function expectBounded<T>(most: number, work: () => Promise<T>): Promise<T> {
  explained.taken();
  const result = await work();
  const readers = explained.taken().map(({ sql, plan }) => ({
    sql,
    nodes: allOf(plan).filter((node) => /^knowledge_(entries|published)$/.test(node['Relation Name'] ?? '')),
  }));
  expect(readers.length).toBeGreaterThan(0);
  expect(
    readers.filter(({ nodes }) => nodes.some((node) => /Seq Scan/.test(node['Node Type']))).map(({ sql }) => sql),
  ).toEqual([]);
  const rows = readers
    .flatMap(({ nodes }) => nodes)
    .map((node) => ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']);
  expect(rows.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(most);
  return result;
}

const list = (caller: Staff, more: object = {}) => listEntries({ search: '', limit: 30, ...more }, caller, deps);

test.each([undefined, ...statuses])(
  'the list, in the state %s, page by page, for the city and for one department',
  async (status) => {
    for (const caller of [reviewer, clerk]) {
      const one = await expectBounded(3000, () => list(caller, { status }));
      if (one.next === null) continue;
      const two = await expectBounded(3000, () => list(caller, { status, after: one.next! }));
      const ids = [...one.items, ...two.items].map(({ id }) => id);
      expect(new Set(ids).size).toBe(60);
      const changed = [...one.items, ...two.items].map(({ changedAt }) => changedAt);
      expect(changed).toEqual([...changed].sort().reverse());
    }
  },
);

test('the numbers of all states', async () => {
  for (const caller of [reviewer, clerk]) await expectBounded(6000, () => countEntries(caller, deps));
});

test('a search for a common word, a rare one and a number; and one entry', async () => {
  const common = await expectBounded(25_000, () => list(reviewer, { search: '身份证' }));
  expect(common.items).toHaveLength(30);
  const rare = await expectBounded(2500, () => list(reviewer, { search: '钥匙锁在家里' }));
  expect(rare.items.map(({ question }) => question)).toContain('钥匙锁在家里怎么开锁');
  const { id } = common.items[0]!;
  expect((await expectBounded(100, () => list(reviewer, { search: id }))).items.map((one) => one.id)).toContain(id);
  await expectBounded(100, () => readEntry(id, reviewer, deps));
});

test('what citizens and clerks’ suggestions search', async () => {
  const [root] = await server.deps.db.query<{ id: number }>('SELECT id FROM organisations WHERE parent_id IS NULL');
  for (const text of ['身份证丢了咋办', '办营业执照要多久', '钥匙忘屋头了找谁开门'])
    await expectBounded(20_000, () => searchEntries(text, root!.id, 5, deps.db));
});
