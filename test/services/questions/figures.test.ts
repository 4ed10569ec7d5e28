import { figuresOf, type Report } from '../../../src/services/questions/figures';
import { measure } from '../../../src/services/questions/figures-measure';
import { addStaff, type Client, signIn } from '../../console/client';
import { startTestServer, type TestServer } from '../../support/server';

let server: TestServer;
let supervisor: Client;

beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
  await server.deps.db.query('DELETE FROM question_fires');
  await server.deps.db.query('DELETE FROM question_messages');
  await server.deps.db.query('DELETE FROM questions');
  supervisor = await signIn(server, 'supervisor');
});
afterAll(() => server?.stop());

const at = (time?: string | null) => (time ? new Date(`${time.replace(' ', 'T')}:00+08:00`) : null);

type Given = {
  organisation?: string;
  clerk?: string;
  asked: string;
  replied?: string;
  answered?: string;
  due?: string;
  paused?: number;
  solved?: boolean;
  satisfied?: number;
};
let count = 0;
async function given(one: Given): Promise<void> {
  await server.deps.db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, assignee_id, status, text, asked_at, dispatched_at,
                            clock_started_at, first_replied_at, answered_at, due_at, paused_minutes, solved, satisfied, last_at, search)
     SELECT $1, 1, 'oFigures', o.id, (SELECT id FROM staff WHERE username = $2), $3, '问', $4, $4, $4, $5, $6, $7, $8, $9, $10, $4, ''
       FROM organisations o WHERE o.key = $11`,
    [
      `F${count++}`,
      one.clerk ?? null,
      one.answered ? 'answered' : 'open',
      at(one.asked),
      at(one.replied),
      at(one.answered),
      at(one.due),
      one.paused ?? 0,
      one.solved ?? null,
      one.satisfied ?? null,
      one.organisation ?? 'police-household',
    ],
  );
}

async function organisation(key: string): Promise<number> {
  const [row] = await server.deps.db.query<{ id: number }>('SELECT id FROM organisations WHERE key = $1', [key]);
  return row!.id;
}
async function figures(key: string, from: string, to: string, who = supervisor): Promise<Report> {
  const path = `/services/questions/figures?organisation=${await organisation(key)}&from=${from}&to=${to}`;
  const { status, body } = await who.get(path);
  expect([status, body]).toEqual([200, body]);
  return body as Report;
}

describe('computed by hand', () => {
  beforeAll(async () => {
    // Monday 2 March 2026. Offices 9:00 to 12:00 and 14:00 to 17:30.
    const monday = '2026-03-02 10:00';
    await given({
      clerk: 'clerk-police',
      asked: monday,
      replied: '2026-03-02 10:30',
      answered: '2026-03-02 11:00',
      due: '2026-03-05 17:30',
      solved: true,
      satisfied: 5,
    });
    // Over lunch: 60 minutes; resolved the next day at 10:00, 120 + 210 + 60 less 20 paused = 370.
    await given({
      clerk: 'clerk-police',
      asked: monday,
      replied: '2026-03-02 12:15',
      answered: '2026-03-03 10:00',
      due: '2026-03-02 17:30',
      paused: 20,
      solved: true,
      satisfied: 2,
    });
    // Replied late at night: 120 + 210.
    await given({ asked: monday, replied: '2026-03-02 23:00' });
    // Overdue and nobody replied; just before midnight, so Monday's still.
    await given({ asked: '2026-03-02 23:59', due: '2026-03-05 17:30' });
    // Tuesday's, of the hospital.
    await given({
      organisation: 'hospital-first-desk',
      asked: '2026-03-03 00:00',
      replied: '2026-03-03 09:10',
      answered: '2026-03-03 09:10',
      due: '2026-03-06 17:30',
      solved: false,
    });
    await Promise.all([measure(server.deps), measure(server.deps)]);
    await measure(server.deps);
  });

  test('by department, by day, by clerk, and as it stands', async () => {
    const police = await figures('police', '2026-03-01', '2026-03-31');
    const monday = {
      volume: 4,
      replied: 3,
      firstReplyMedian: 120,
      firstReplyP90: 330,
      resolved: 2,
      resolveMedian: 60,
      resolveP90: 370,
      onTime: 1 / 3,
      solved: 1,
      satisfied: 1 / 2,
    };
    expect(police.total).toEqual(monday);
    expect(police.days).toEqual([{ day: '2026-03-02', ...monday }]);
    expect(police.clerks.map(({ name, volume, resolved, onTime }) => [name, volume, resolved, onTime])).toEqual([
      ['户政窗口人员', 2, 2, 1 / 2],
      ['无人认领', 2, 0, 0],
    ]);
    expect(police.now).toEqual({ open: 2, overdue: 1 });

    const city = await figures('city', '2026-03-01', '2026-03-31');
    expect(city.days.map(({ day, volume }) => [day, volume])).toEqual([
      ['2026-03-02', 4],
      ['2026-03-03', 1],
    ]);
    expect(city.days[1]).toMatchObject({
      firstReplyMedian: 10,
      resolveMedian: 10,
      onTime: 1,
      solved: 0,
      satisfied: null,
    });
    expect(city.total).toMatchObject({ volume: 5, solved: 2 / 3, onTime: 1 / 2 });
  });

  test('a period without questions has no rates, and one that cannot be is refused', async () => {
    const empty = await figures('police', '2025-01-01', '2025-01-31');
    expect(empty).toMatchObject({ days: [], clerks: [], total: { volume: 0, firstReplyMedian: null, onTime: null } });
    const path = `/services/questions/figures?organisation=${await organisation('police')}`;
    for (const period of [
      'from=2026-03-02&to=2026-03-01',
      'from=2024-01-01&to=2026-03-01',
      'from=yesterday&to=2026-03-01',
    ])
      expect((await supervisor.get(`${path}&${period}`)).status).toBe(422);
  });

  test('a question that is resolved again is measured again, its first reply is not', async () => {
    const { db } = server.deps;
    const change = (answered: string | null) =>
      db.query(`UPDATE questions SET answered_at = $1, dispatched_at = '2026-03-04' WHERE number = 'F0'`, [
        at(answered),
      ]);
    const measured = async () => {
      await measure(server.deps);
      return (
        await db.query('SELECT first_reply_minutes, resolve_minutes FROM questions WHERE number = $1', ['F0'])
      )[0];
    };
    await change(null);
    expect(await measured()).toEqual({ first_reply_minutes: 30, resolve_minutes: null });
    await change('2026-03-02 12:00');
    expect(await measured()).toEqual({ first_reply_minutes: 30, resolve_minutes: 120 });
  });
});

describe('who sees what', () => {
  test('nobody outside their own subtree; a clerk sees no colleague', async () => {
    await addStaff(server, 'police-supervisor', 'supervisor', 'police');
    const chief = await signIn(server, 'police-supervisor');
    const clerk = await signIn(server, 'clerk-police');
    expect((await figures('police', '2026-03-01', '2026-03-31', chief)).clerks).toHaveLength(2);
    const own = await figures('police-household', '2026-03-01', '2026-03-31', clerk);
    expect(own.total.volume).toBe(4);
    expect(own.clerks.map(({ volume }) => volume)).toEqual([2]);
    const titles = async (who: Client) =>
      ((await who.get('/services/questions/figures/departments')).body as { items: { title: string }[] }).items.map(
        ({ title }) => title,
      );
    expect((await titles(chief)).slice(0, 2)).toEqual(['示例市公安局', '户政大队']);
    expect((await titles(chief)).join()).not.toContain('医院');
    expect(await titles(clerk)).toEqual(['户政大队']);
    for (const who of [chief, clerk])
      for (const key of ['hospital-first', 'hospital-first-desk', 'city']) {
        const asked = { organisation: await organisation(key), from: '2026-03-01', to: '2026-03-31' };
        const path = `/services/questions/figures?organisation=${asked.organisation}&from=${asked.from}&to=${asked.to}`;
        expect([key, (await who.get(path)).status]).toEqual([key, 404]);
        const exported = await who.send('POST', '/services/questions/exports', { kind: 'list', ...asked });
        expect([key, exported.status]).toEqual([key, 404]);
      }
    for (const username of ['auditor', 'reviewer', 'dispatcher']) {
      const who = await signIn(server, username);
      expect((await who.get('/services/questions/figures/departments')).status).toBe(403);
    }
  });
});

test('a period is read along an index, however much there is outside it', async () => {
  const { db } = server.deps;
  await db.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, status, text, asked_at, first_replied_at, answered_at,
                            first_reply_minutes, resolve_minutes, measured_answered_at, last_at, search)
     SELECT 'P' || n, 1, 'o' || n, o.id, 'closed', '问', t, t, t, 5, 9, t, t, ''
       FROM generate_series(1, 30000) n
       JOIN LATERAL (SELECT timestamptz '2023-01-01' + n * interval '50 minutes' AS t) at ON true
       JOIN organisations o ON o.key = CASE WHEN n % 2 = 0 THEN 'police-household' ELSE 'hospital-first-desk' END`,
  );
  await db.query('ANALYZE questions');
  const plans: string[] = [];
  const watched = {
    ...server.deps,
    db: {
      ...db,
      query: async <Row extends object>(sql: string, parameters?: unknown[]) => {
        const rows = await db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, parameters);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return db.query<Row>(sql, parameters);
      },
    },
  };
  const [root] = await db.query<{ id: number; path: string; title: string }>(
    `SELECT id, path, title FROM organisations WHERE key = 'city'`,
  );
  const staff = { id: 0, username: '', name: '', organisation: root!, roles: [] };
  const { total } = await figuresOf(root!, { from: '2024-05-01', to: '2024-05-31' }, staff, watched);
  expect(total.volume).toBeGreaterThan(800);
  expect(plans).toHaveLength(2);
  expect(plans[0]).toContain('questions_asked');
  expect(plans.join('\n')).not.toContain('Seq Scan on questions');
});
