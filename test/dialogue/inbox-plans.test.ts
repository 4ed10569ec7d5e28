import { Pool, type PoolClient } from 'pg';
import { keepMonths } from '../../src/dialogue/inbox/months';
import { loadRows, messageColumns, sessionColumns } from '../../src/dialogue/inbox/rows';
import { newRun, type Run } from '../../src/dialogue/inbox/run';
import * as sql from '../../src/dialogue/inbox/statements';
import { text } from '../../src/dialogue/message';
import { createClock } from '../../src/platform/clock';
import { type Database, openDatabase } from '../../src/platform/database';
import { createFieldEncryption } from '../../src/platform/field-encryption';
import { createLog } from '../../src/platform/log';
import { cloneDatabase } from '../support/database';

// What the callback path asks of Postgres, on an inbox of eleven months: every row through an index, in one partition.

const months = 11;
const citizens = 20_000;
const messages = 200_000;
const dayMillis = 86_400_000;

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: Database;
let ordinary: Pool;
/** partitions without a single page, which Postgres reads through for nothing */
let empty: Set<string>;
const clock = createClock();
const encryption = createFieldEncryption('a key for tests only, 32 characters long');

beforeAll(async () => {
  database = await cloneDatabase();
  db = await openDatabase(database.url, createLog('silent'));
  ordinary = new Pool({ connectionString: database.url, max: 1 });
  for (let back = months; back >= 0; back--) {
    const then = createClock(-back * 30.5 * dayMillis);
    await keepMonths({ db, clock: then, settings: { get: (_, otherwise) => otherwise, set: async () => {} } });
  }
  await fill();
  const rows = await db.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname LIKE 'inbox%' AND relkind = 'r' AND relpages = 0`,
  );
  empty = new Set(rows.map(({ name }) => name));
}, 120_000);

afterAll(async () => {
  await ordinary?.end();
  await db?.close();
  await database?.drop();
});

async function fill(): Promise<void> {
  const end = clock.millis() / 1000;
  const step = (months * 30 * 86_400) / messages;
  await db.query(
    `INSERT INTO organisations (key, path, kind, title, created_at) VALUES ('city', '/1/', 'city', 'x', $1)`,
    [clock.now()],
  );
  await db.query(
    `INSERT INTO accounts (key, title, organisation_id, appid, original_id, mode, secret_sealed, token_sealed, aes_key_sealed, created_at)
     SELECT 'a', 'x', id, 'wx', 'gh_a', 'plain', '', '', '', $1 FROM organisations`,
    [clock.now()],
  );
  await db.query(
    `INSERT INTO sessions (account_id, openid, version, following, first_at, last_at)
     SELECT 1, 'o' || lpad(n::text, 27, '0'), 7, true, $2, $2 FROM generate_series(1, $1::int) n`,
    [citizens, clock.now()],
  );
  // One in a thousand with a CreateTime that is none, and five that are late.
  await db.query(
    `INSERT INTO inbox (account_id, openid, sent_at, dedupe, received_at, kind, message, reply, status, process_id)
     SELECT 1, 'o' || lpad((1 + n % $2)::text, 27, '0'), CASE WHEN n % 1000 = 0 THEN to_timestamp(0) ELSE at END, 'm:' || n, at,
            'text', '{"type":"text","content":"身份证丢了咋办"}', '{"type":"text","content":"补领身份证"}',
            CASE WHEN n > $1 - 5 THEN 'late' ELSE 'answered' END, 1
       FROM generate_series(1, $1::int) n, to_timestamp($3::float8 - ($1 - n) * $4::float8) at`,
    [messages, citizens, end, step],
  );
  await db.query('ANALYZE');
}

type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Loops': number;
  'Subplans Removed'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
};

let prepared = 0;
/** The plan that a statement ran by, as prepared for good. What it did is undone. */
async function planOf(client: PoolClient, statement: string, values: unknown[]): Promise<Node> {
  const name = `plan_${++prepared}`;
  await client.query(`PREPARE ${name} AS ${statement}`);
  await client.query('BEGIN');
  try {
    const { rows } = await client.query(
      `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE ${name} (${values.map((value) => literal(client, value))})`,
    );
    return rows[0]['QUERY PLAN'][0].Plan;
  } finally {
    await client.query('ROLLBACK');
  }
}

function literal(client: PoolClient, value: unknown): string {
  if (value === null) return 'NULL';
  if (value instanceof Date) return client.escapeLiteral(value.toISOString());
  if (Buffer.isBuffer(value)) return literal(client, `{${elements(value).map(quoted)}}`);
  return client.escapeLiteral(String(value));
}

const quoted = (element: unknown) => (element === null ? 'NULL' : JSON.stringify(String(element)));

/** What stands in an array in Postgres's binary format; EXECUTE takes none as it is. */
function elements(array: Buffer): unknown[] {
  const read: Record<number, (at: number, size: number) => unknown> = {
    16: (at) => array[at] === 1,
    23: (at) => array.readInt32BE(at),
    701: (at) => array.readDoubleBE(at),
  };
  const readText = (at: number, size: number) => array.toString('utf8', at, at + size);
  const values: unknown[] = [];
  for (let at = 20; at < array.length; ) {
    const size = array.readInt32BE(at);
    values.push(size < 0 ? null : (read[array.readInt32BE(8)] ?? readText)(at + 4, size));
    at += 4 + Math.max(size, 0);
  }
  return values;
}

const allOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(allOf)];
const isOurs = ({ 'Relation Name': relation = '' }: Node) => /^(inbox|sessions)/.test(relation) && !empty.has(relation);

/** Reaches its rows by index alone, sorts and hashes none of them, and opens no partition but the one it needs. */
function expectByIndex(plan: Node, partitions: number): void {
  const nodes = allOf(plan);
  const readers = nodes.filter((node) => isOurs(node) && node['Node Type'] !== 'ModifyTable');
  expect(readers.map((node) => node['Node Type']).filter((type) => !/^Index (Only )?Scan$/.test(type))).toEqual([]);
  const gathering = nodes.filter((node) =>
    /^(Sort|Incremental Sort|Hash|Materialize|Gather.*)$/.test(node['Node Type']),
  );
  expect(gathering.filter((node) => allOf(node).some(isOurs)).map((node) => node['Node Type'])).toEqual([]);
  const opened = readers.filter((node) => node['Actual Loops'] > 0 && /^inbox_/.test(node['Relation Name']!));
  expect(new Set(opened.map((node) => node['Relation Name'])).size).toBe(partitions);
}

const blocks = (plan: Node) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];

/** Messages of that many citizens, all sent now; the sessions as they were loaded. */
function runs(count: number, createTime = Math.floor(clock.millis() / 1000)): Run[] {
  return Array.from({ length: count }, (_, index) => {
    const openid = `o${String(1 + ((index * 37) % citizens)).padStart(27, '0')}`;
    const base = { to: 'gh_a', openid, createTime, dedupe: `m:9${index}` };
    const run = newRun(
      { id: 1 } as Run['account'],
      { ...base, type: 'text', content: '补领{"身份证"}', msgId: `9${index}` },
      clock.millis(),
    );
    return Object.assign(run, { version: 7 });
  });
}
const outcome = { reply: text('补领身份证：请带好户口簿。'), chat: { at: 1 }, handledBy: 'guides.matter' };
type Caller = { name: string; connect(): Promise<PoolClient> };

const callers: Caller[] = [
  { name: "the inbox's own connections", connect: () => db.inboxPool.connect() },
  { name: 'an ordinary connection', connect: () => ordinary.connect() },
];

describe.each(callers)('on $name', ({ connect }) => {
  let client: PoolClient;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.release());

  test.each([1, 128])('commit, %i at once', async (count) => {
    const group = runs(count).map((run): [Run, typeof outcome] => [run, outcome]);
    const columns = [...sessionColumns(group, encryption), ...messageColumns(group, encryption)];
    const plan = await planOf(client, sql.commit, [clock.millis() / 1000, ...columns]);
    expectByIndex(plan, 0);
  });

  test('saveSessions', async () => {
    const values = [clock.millis() / 1000, ...sessionColumns([[runs(1)[0]!, outcome]], encryption)];
    expectByIndex(await planOf(client, sql.saveSessions, values), 0);
  });

  const late = async () => {
    const [row] = await db.query<{ openid: string; sent: number; dedupe: string }>(
      `SELECT openid, extract(epoch FROM sent_at)::float8 AS sent, dedupe FROM inbox WHERE status = 'late' LIMIT 1`,
    );
    return [1, row!.openid, row!.sent, row!.dedupe];
  };

  test('insertLate', async () => {
    const [{ inbound }] = runs(1) as [Run];
    const key = [1, inbound.openid, inbound.createTime, inbound.dedupe];
    const values = [...key, clock.millis() / 1000, 'text', '{"type":"text"}', null, 1];
    expectByIndex(await planOf(client, sql.insertLate, values), 0);
  });

  test('answerLate', async () => {
    const values = [...(await late()), 1, 'answered', '{"type":"none"}', null, 'x'];
    expectByIndex(await planOf(client, sql.answerLate, values), 1);
  });

  test('takeOver', async () => {
    expectByIndex(await planOf(client, sql.takeOver, [...(await late()), 1, 2]), 1);
  });

  test('findLate looks at the late ones alone, in whatever month', async () => {
    const plan = await planOf(client, sql.findLate, [clock.now()]);
    const readers = allOf(plan).filter(isOurs);
    expect(readers.length).toBeGreaterThanOrEqual(months);
    for (const node of readers) expect(node['Index Name'] ?? node['Node Type']).toMatch(/received_at_idx|inbox_late/);
    expect(blocks(plan)).toBeLessThan(readers.length * 4);
  });
});

async function planOfLoad(group: Run[]): Promise<Node> {
  const client = await db.inboxPool.connect();
  try {
    return await planOf(client, sql.load, [loadRows(group)]);
  } finally {
    client.release();
  }
}

test.each([1, 128])('load, %i at once', async (count) => {
  const plan = await planOfLoad(runs(count));
  expectByIndex(plan, 1);
  // Four levels of index at most and the row, in sessions and in one partition; nothing of the other months.
  expect(blocks(plan)).toBeLessThanOrEqual(count * 10);
});

test('load of messages from two months opens two partitions', async () => {
  const lastMonth = Math.floor(clock.millis() / 1000) - 45 * 86_400;
  const plan = await planOfLoad([...runs(3), ...runs(3, lastMonth)]);
  expectByIndex(plan, 2);
});

test('load of messages many months ahead, or of no time at all, opens one partition too', async () => {
  for (const createTime of [0, 86_400 * 365 * 90]) expectByIndex(await planOfLoad(runs(2, createTime)), 1);
});
