import type { IdentityDocument } from '../../src/people/identity/documents';
import { findStaff, type Staff } from '../../src/people/staff';
import { createClock } from '../../src/platform/clock';
import { type Database, openDatabase } from '../../src/platform/database';
import { createLog } from '../../src/platform/log';
import { listCases, sourcesFor } from '../../src/services/cases/desk-list';
import { flagOverdue } from '../../src/services/cases/overdue';
import { storedSource } from '../../src/services/cases/stored';
import { allOf, explaining } from '../../test/support/plans';
import type { Store } from '../callback/store';
import { encryption } from '../rush/city';
import { createHistogram } from '../support/histogram';
import { median, renderTable } from '../support/table';
import { asked, codeOf, fill, justDue, numberOf, personOf, resetDue } from './fill';

const sizes = [1000, 1_000_000] as const;
const mostRatio = 1.3;
const rounds = 5;
/** Each round; the sweep writes, and goes fewer times. */
const times = { read: 100, sweep: 10 };

type Stored = { size: number; db: Database; store: Store; caller: Staff; sourceId: number };
type Action = {
  name: string /** it is to take no longer */;
  goal?: true;
  do(one: Stored, db: Database): Promise<unknown>;
};

/** The service's own functions on a thousand cases and on a million, taking turns. @returns whether the goals are reached */
export async function compareSizes(stores: [Store, Store]): Promise<boolean> {
  const opened: Stored[] = [];
  try {
    for (const [nth, store] of stores.entries()) opened.push(await open(store, sizes[nth]!));
    let reached = true;
    for (const one of opened) reached = (await checkPlans(one)) && reached;
    const rows = [];
    for (const action of actions) {
      const [few, many, ratio] = await compare(action, opened as [Stored, Stored]);
      if (action.goal && ratio > mostRatio) reached = false;
      rows.push([action.name, few.toFixed(2), many.toFixed(2), ratio.toFixed(2), action.goal ? `${mostRatio}` : '']);
    }
    console.log(renderTable(['p50', ...sizes.map((size) => `ms at ${size}`), 'ratio', 'at most'], rows));
    return reached;
  } finally {
    for (const { db } of opened) await db.close();
  }
}

async function open(store: Store, size: number): Promise<Stored> {
  const { sourceId, seconds } = await fill(store.client, size);
  console.log(`${size} stored in ${seconds.toFixed(0)} s`);
  const db = await openDatabase(store.url, createLog('silent'));
  return { size, db, store, sourceId, caller: (await findStaff(db, { username: 'operator' }))!.staff };
}

const source = ({ sourceId }: Stored, db: Database) =>
  storedSource({ id: sourceId, key: '', title: '', adapter: 'stored', settings: {} }, { db, encryption });
const never = AbortSignal.timeout(3600_000);
const anyOf = (size: number) => Math.floor(Math.random() * size);
const list = (more: object) => async (one: Stored, db: Database) => {
  const { items } = await listCases({ search: '', overdue: false, limit: asked, ...more }, one.caller, { db });
  if (items.length !== asked) throw new Error(`a page of ${items.length} for ${JSON.stringify(more)}`);
};

const actions: Action[] = [
  {
    name: 'number and code',
    goal: true,
    async do(one, db) {
      const n = anyOf(one.size);
      if (!(await source(one, db).byNumber(numberOf(n), codeOf(n), never))) throw new Error(`${numberOf(n)} not found`);
    },
  },
  {
    name: 'number, wrong code',
    goal: true,
    async do(one, db) {
      if (await source(one, db).byNumber(numberOf(anyOf(one.size)), '0000', never)) throw new Error('found');
    },
  },
  {
    name: 'of a person',
    goal: true,
    async do(one, db) {
      const document: IdentityDocument = personOf(anyOf(one.size));
      if ((await source(one, db).ofPerson(document, never)).length === 0) throw new Error('nothing of a person');
    },
  },
  { name: 'list', do: list({}) },
  { name: 'list, a kind', do: list({ kind: 'passport' }) },
  { name: 'list, a rare kind', do: list({ kind: 'vehicle' }) },
  { name: 'list, a state', do: list({ state: 'accepted' }) },
  { name: 'list, kind and state', do: list({ kind: 'passport', state: 'accepted' }) },
  { name: 'list, overdue', do: list({ overdue: true }) },
  { name: 'list, by number', do: list({ search: numberOf(0).slice(0, -5) }) },
  { name: 'sources', do: (one, db) => sourcesFor(db, one.caller, { all: false }) },
  {
    name: `sweep, ${justDue} overdue`,
    async do(_one, db) {
      await flagOverdue({ db, clock: createClock(), notify: async () => {} });
    },
  },
];
const isSweep = ({ name }: Action) => name.startsWith('sweep');

/** @returns p50 of each, and the median of the rounds' ratios */
async function compare(action: Action, stores: [Stored, Stored]): Promise<[few: number, many: number, ratio: number]> {
  const taken: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++)
    for (const nth of round % 2 ? ([1, 0] as const) : ([0, 1] as const)) {
      const p50 = await measure(action, stores[nth]);
      // The first warms up.
      if (round >= 0) taken[nth].push(p50);
    }
  const [few, many] = taken;
  return [median(few), median(many), median(few.map((one, round) => many[round]! / one))];
}

async function measure(action: Action, one: Stored): Promise<number> {
  const histogram = createHistogram();
  for (let nth = 0; nth < (isSweep(action) ? times.sweep : times.read); nth++) {
    if (isSweep(action)) await resetDue(one.store.client);
    const start = performance.now();
    await action.do(one, one.db);
    histogram.add(performance.now() - start);
  }
  return histogram.quantile(0.5);
}

/** Where many are stored no statement reads the table but by an index. A small one may be read as it lies. */
async function checkPlans(one: Stored): Promise<boolean> {
  if (one.size < 100_000) return true;
  const { db, taken } = explaining(one.db, /\bcases\b/);
  await resetDue(one.store.client);
  let whole = true;
  const rows = [];
  for (const action of actions) {
    await action.do(one, db);
    const nodes = taken()
      .flatMap(({ plan }) => allOf(plan))
      .filter((node) => node['Relation Name'] === 'cases' && node['Node Type'] !== 'ModifyTable');
    const read = nodes.map(
      (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    );
    const ways = [...new Set(nodes.map((node) => node['Node Type']))];
    if (nodes.length === 0 || !ways.every((way) => /^(Index|Index Only|Bitmap Heap) Scan$/.test(way))) whole = false;
    rows.push([action.name, ways.join(', '), String(read.reduce((sum, each) => sum + each, 0))]);
  }
  console.log(`${renderTable(['plan', 'by', 'rows read'], rows)}\nby index only: ${whole ? 'yes' : 'NO'}\n`);
  return whole;
}
