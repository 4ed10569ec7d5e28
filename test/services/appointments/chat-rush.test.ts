import { serveLines } from '../../../src/services/appointments/admission-serve';
import { rushKey } from '../../../src/services/appointments/rush';
import { bookTo, citizen, heard, openChatHall, server } from './chat-hall';

openChatHall();

describe('a rush', () => {
  /** Everybody stands in line, however few ask. */
  const rush = async () => {
    await server.deps.settings.set(rushKey, { perSecond: 0 });
    // What was asked of Postgres in this second is not asked again.
    server.deps.clock.offset += 1000;
  };
  afterEach(() => server.deps.settings.set(rushKey, {}));
  const chosen = ['预约', '1', '1', '3'];
  const resourceOf = async (openid: string) =>
    Number(
      (
        await server.deps.db.query<{ resource: string }>(
          `SELECT state -> 'flow' -> 'answers' ->> 'resource' AS resource FROM sessions WHERE openid = $1`,
          [openid],
        )
      )[0]!.resource,
    );

  test('is told with the place in line, booked in turn, and looked up by 抢号排队', async () => {
    const openid = await citizen();
    await bookTo(openid, ...chosen, '1', '1');
    await rush();
    const queued = `现在约的人多，已经替您排上队，排第 1 位，预计时间正在估算。
轮到时自动为您办理，结果在这里告诉您，不用重复提交。回复「抢号排队」看排到第几位。`;
    expect(await heard(openid, '1')).toBe(queued);
    expect(await heard(openid, '抢号排队')).toBe(`${queued}\n1. 不排了\n回复序号查看。`);
    await serveLines(server.deps.serviceDeps);
    expect(await heard(openid, '抢号排队')).toBe('您现在没有在排队。回复「我的预约」看预约，回复「预约」开始预约。');
    expect(await heard(openid, '我的预约')).toContain('已预约');
  });

  test('can be left', async () => {
    const openid = await citizen();
    await bookTo(openid, ...chosen, '2', '1');
    await rush();
    await bookTo(openid, '1', '抢号排队');
    expect(await heard(openid, '1')).toBe('好的，已经不排了。回复「预约」可以重新预约。');
    await serveLines(server.deps.serviceDeps);
    expect(await heard(openid, '我的预约')).toContain('您现在没有预约');
  });

  test('that is over is told at once, with another doctor to choose and the waiting list', async () => {
    const [openid, other] = [await citizen(), await citizen()];
    await bookTo(openid, ...chosen, '3', '1');
    const resource = await resourceOf(openid);
    const { db } = server.deps;
    await bookTo(other, ...chosen, '3', '1');
    await rush();
    await db.query(
      `UPDATE appointment_slots SET capacity = taken WHERE resource_id = $1 AND day = (
         SELECT (state -> 'flow' -> 'answers' ->> 'day')::date FROM sessions WHERE openid = $2)`,
      [resource, openid],
    );
    const over = await heard(openid, '1');
    expect(over).toMatch(/^这一天已经约满。还有号的：\n1\. .*余 \d+\n/);
    expect(over).toMatch(/候补这一天，有人退号时按先后通知我\n回复序号查看。$/);
    const last = /(\d+)\. 候补这一天/.exec(over)![1]!;
    expect(await heard(openid, last)).toBe(
      '已候补，排第 1 位。有人退号时按先后通知您，请留意消息，在规定的时间内确认。',
    );
    // Without a rush the same is told by the booking itself.
    await server.deps.settings.set(rushKey, {});
    await heard(other, '1');
    expect(await heard(other, '1')).toMatch(/^请选择时段：/);
  });

  test('候补 without having chosen says where it begins', async () => {
    expect(await heard(await citizen(), '候补')).toBe('请先回复「预约」选医生或窗口；约满时可以从那里候补。');
  });
});

test('what a chat cannot list is on the page, and the chat says where, also when it asks again', async () => {
  const { db, clock } = server.deps;
  const [office] = await db.query<{ id: number }>(`SELECT id FROM organisations WHERE key = 'police-station-east'`);
  await db.query(
    `WITH made AS (
       INSERT INTO appointment_resources (key, organisation_id, kind, title, position)
       SELECT 'many-' || n, $1, 'counter', '示例窗口' || n, n - 100 FROM generate_series(1, 16) n RETURNING id, key)
     INSERT INTO appointment_slots (resource_id, organisation_id, pool, day, starts_at, ends_at, opens_at, capacity)
     SELECT id, $1, 'online', '2026-03-11', at, at + interval '10 minutes', $2, 1
       FROM made, generate_series('2026-03-11 09:00+08'::timestamptz, '2026-03-11 11:40+08', '10 minutes') at WHERE key = 'many-1'`,
    [office!.id, clock.now()],
  );
  const openid = await citizen();
  await bookTo(openid, '预约');
  const rest = `\n这里列出前 16 个，其余的在网页上：\n{{url}}/h5/?account=demo#/appointments/offices/${office!.id}`;
  const counters = await heard(openid, '6');
  expect(counters).toMatch(/\n16\. 示例窗口16（暂时没有号）/);
  expect(counters.endsWith(rest)).toBe(true);
  expect(await heard(openid, '17')).toContain(`16. 示例窗口16（暂时没有号）${rest}`);
  expect(await heard(openid, '1')).toBe('请选择日期：\n1. 3月11日 周三 余 17');
  const times = await heard(openid, '1');
  expect(times).toContain(`\n16. 11:30-11:40 余 1${rest}`);
});
