import type { ServiceDeps } from '../../../src/dialogue/service';
import { documentHash } from '../../../src/people/identity/bindings';
import { findStaff } from '../../../src/people/staff';
import { listCases } from '../../../src/services/cases/desk-list';
import { casesOf, findCase } from '../../../src/services/cases/look-up';
import { flagOverdue } from '../../../src/services/cases/overdue';
import { storeCases } from '../../../src/services/cases/store';
import { codeHash } from '../../../src/services/cases/stored';
import { allOf, explaining } from '../../support/plans';
import { anyone, startTestServer, type TestServer } from '../../support/server';
import { bindTo, idCard, sourceOf, step } from './office';

// With many cases stored, whatever is asked for is reached through an index, and no more rows are read than are found.

const stored = 200_000;
/** late since a moment ago */
const due = 20;

let server: TestServer;
let deps: ServiceDeps;
let explained: ReturnType<typeof explaining>;
let police: number;

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  const { db, serviceDeps } = server.deps;
  police = await sourceOf(db, 'demo-police');
  await db.query(
    `INSERT INTO cases (source_id, number, kind, person_hash, tail_hash, code_hash, state, steps, opened_at, moved_at, due_at, done_at, updated_at, flagged_at)
     SELECT $1, 'PL' || lpad(n::text, 10, '0'), CASE WHEN n % 5000 = 0 THEN 'vehicle' ELSE 'passport' END, md5((n / 3)::text),
            md5('t' || n), md5('c' || n), CASE WHEN n % 20 > 0 THEN 'ready' WHEN n % 4000 = 0 THEN 'making' ELSE 'accepted' END,
            '[{"state":"accepted","at":"2026-01-01T00:00:00.000Z"}]', at, at, at + interval '7 days',
            CASE WHEN n % 20 > 0 THEN at END, at, CASE WHEN n % 20 = 0 AND n <= ${stored} - ${due} * 20 THEN at + interval '8 days' END
       FROM generate_series(1, ${stored}) AS n, LATERAL (SELECT timestamptz '2025-03-01' + n * interval '2 minutes' AS at) AS t`,
    [police],
  );
  await db.query('ANALYZE cases');
  explained = explaining(db, /\bcases\b|case_follows/);
  deps = { ...serviceDeps, db: explained.db };
}, 240_000);
afterAll(() => server?.stop());

/** What was asked since the last time read only a handful of rows of the big table, each by an index. */
function expectFew(most = 60): void {
  const taken = explained.taken();
  expect(taken.length).toBeGreaterThan(0);
  for (const { sql, plan } of taken)
    for (const node of allOf(plan)) {
      const name = node['Relation Name'];
      if (name !== 'cases' && name !== 'case_follows') continue;
      expect([sql, node['Node Type']]).not.toEqual([sql, 'Seq Scan']);
      const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
      expect([sql, read <= most]).toEqual([sql, true]);
    }
}

test('by number and factor, right and wrong', async () => {
  const { db, encryption } = server.deps;
  await db.query(`UPDATE cases SET code_hash = $1 WHERE number = 'PL0000100000'`, [
    codeHash('PL0000100000', 'A1B2C3', encryption),
  ]);
  const citizen = { accountId: 1, openid: anyone() };
  expect((await findCase({ citizen, number: 'PL0000100000', factor: 'A1B2C3' }, deps)).found).toBeDefined();
  expect((await findCase({ citizen, number: 'PL0000100000', factor: '0000' }, deps)).found).toBeUndefined();
  expectFew();
});

test('of a person', async () => {
  const { db, encryption } = server.deps;
  const document = idCard();
  await db.query('UPDATE cases SET person_hash = $1 WHERE person_hash = md5($2)', [
    documentHash(document, encryption),
    '500',
  ]);
  const citizen = { accountId: 1, openid: anyone() };
  await bindTo(server.deps.serviceDeps, citizen, document);
  expect((await casesOf(citizen, deps)).found).toHaveLength(3);
  expectFew();
});

test('a step that is handed over, new and known', async () => {
  await deps.db.transaction((tx) =>
    storeCases(
      tx,
      police,
      [step('PL0000000007', 'approved', '2026-03-01 10:00'), step('PL9900000001', 'accepted', '2026-03-01 10:00')],
      deps,
    ),
  );
  expectFew();
});

test('what the console lists, whatever it is narrowed down to, and the page after it', async () => {
  const { staff } = (await findStaff(server.deps.db, { username: 'operator' }))!;
  const all = { search: '', overdue: false, limit: 5 };
  for (const asked of [
    all,
    { ...all, kind: 'passport' },
    { ...all, kind: 'vehicle' },
    { ...all, state: 'making' },
    { ...all, kind: 'passport', state: 'making' },
    { ...all, overdue: true },
    { ...all, search: 'PL00001' },
  ]) {
    const first = await listCases(asked, staff, deps);
    expect([asked, first.items.length]).toEqual([asked, 5]);
    const second = await listCases({ ...asked, after: first.next! }, staff, deps);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect([asked, new Set(ids).size]).toEqual([asked, 10]);
    expectFew();
  }
  // Few of a kind among those that are late: told from the others by the index, without looking at each.
  expect((await listCases({ ...all, overdue: true, kind: 'vehicle' }, staff, deps)).items).toHaveLength(5);
  expectFew();
});

test('what has become late is flagged, and told up to a thousand', async () => {
  await flagOverdue(deps);
  const [row] = await server.deps.db.query<{ left: number }>(
    'SELECT count(*)::int AS left FROM cases WHERE done_at IS NULL AND flagged_at IS NULL AND due_at <= $1',
    [deps.clock.now()],
  );
  expect(row!.left).toBe(0);
  expectFew(1000);
});
