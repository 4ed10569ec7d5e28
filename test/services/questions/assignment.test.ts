import type { ServiceDeps } from '../../../src/dialogue/service';
import { tendAssignments } from '../../../src/services/questions/release';
import type { Client } from '../../console/client';
import { act, codeOf, type Ground, prefix, startGround } from './ground';

let ground: Ground;
let one: Client & { id: number };
let two: Client & { id: number };
beforeAll(async () => {
  ground = await startGround();
  one = await ground.clerk('desk-one');
  two = await ground.clerk('desk-two');
});
afterAll(() => ground?.stop());

const mode = async (way: string, silentMinutes: number | null = null) =>
  ground.supervisor.send('PUT', `${prefix}/assignments/${await ground.id('hospital-first')}`, {
    mode: way,
    silentMinutes,
  });
const duty = (client: Client, onDuty: boolean) => client.send('POST', `${prefix}/duty`, { onDuty });
const holder = async (id: string) => (await ground.row(id)).assignee_id;
const sweep = (deps: ServiceDeps = ground.server.deps.serviceDeps) => tendAssignments(deps);
/** Nothing that an earlier test has left counts. */
beforeEach(async () => {
  await ground.server.deps.db.query(`UPDATE questions SET status = 'closed' WHERE status = 'open'`);
  await duty(one, false);
  await duty(two, false);
});

test('claimed by whoever is first, where the department says nothing', async () => {
  const id = await ground.ask();
  expect(await holder(id)).toBeNull();
  expect((await one.get(`${prefix}/${id}`)).body).toMatchObject({ claimable: true });
  const claims = await Promise.all([act(one, id, 'claim'), act(two, id, 'claim')]);
  expect(claims.map(codeOf).sort()).toEqual(['200 done', '409 taken']);
  expect((await one.get(`${prefix}/${id}`)).body).toMatchObject({ claimable: false });
});

test('given by a dispatcher or supervisor, where the department wants that; set for all below', async () => {
  expect((await mode('assign')).status).toBe(200);
  const id = await ground.ask();
  expect((await one.get(`${prefix}/${id}`)).body).toMatchObject({ claimable: false });
  expect((await ground.supervisor.get(`${prefix}/${id}`)).body).toMatchObject({ claimable: true });
  expect(codeOf(await act(one, id, 'claim'))).toBe('409 assigned-here');
  expect(codeOf(await act(ground.supervisor, id, 'assign', { staffId: two.id }))).toBe('200 done');
  expect(await holder(id)).toBe(two.id);
  const police = (await ground.police.get(`${prefix}/list?queue=department`)).status;
  expect(police).toBe(200);
});

test('in turn by load among those on duty; nobody gets what nobody is there for until somebody comes', async () => {
  await mode('round-robin');
  const early = await ground.ask();
  expect(await holder(early)).toBeNull();
  await duty(one, true);
  await duty(two, true);
  await sweep();
  const first = await holder(early);
  const more = [await ground.ask(), await ground.ask(), await ground.ask()];
  const holders = [first, ...(await Promise.all(more.map(holder)))];
  expect(holders.filter((id) => id === one.id)).toHaveLength(2);
  expect(holders.filter((id) => id === two.id)).toHaveLength(2);
  expect(await ground.lines(early)).toEqual([expect.stringMatching(/^自动分给 desk-/)]);
});

test('many at once in two processes are shared out evenly', async () => {
  await mode('round-robin');
  await duty(one, true);
  await duty(two, true);
  const ids = await Promise.all(Array.from({ length: 8 }, () => ground.ask()));
  const holders = await Promise.all(ids.map(holder));
  expect(holders.filter((id) => id === one.id)).toHaveLength(4);
});

test('who goes off duty gives back what they hold, and the oldest is given out first', async () => {
  await mode('round-robin');
  await duty(one, true);
  const ids = [await ground.ask(), await ground.ask(), await ground.ask()];
  expect(await Promise.all(ids.map(holder))).toEqual(Array(3).fill(one.id));
  await duty(one, false);
  await sweep();
  expect(await Promise.all(ids.map(holder))).toEqual([null, null, null]);
  await duty(two, true);
  await Promise.all([sweep(), sweep(ground.other.deps.serviceDeps)]);
  expect(await Promise.all(ids.map(holder))).toEqual(Array(3).fill(two.id));
  expect(await ground.lines(ids[0]!)).toEqual([
    '自动分给 desk-one',
    'desk-one 不在岗，放回待认领',
    '自动分给 desk-two',
  ]);
  const given = await ground.server.deps.db.query<{ question_id: string }>(
    `SELECT question_id::text FROM question_messages WHERE text = '自动分给 desk-two' AND question_id = ANY ($1) ORDER BY id`,
    [ids],
  );
  expect(given.map(({ question_id }) => question_id)).toEqual(ids);
});

test('who is disabled or has lost the role keeps nothing; who never said a word about duty does', async () => {
  await mode('claim');
  const { db } = ground.server.deps;
  const [gone, moved] = [await ground.clerk('desk-gone'), await ground.clerk('desk-moved')];
  const ids = [await ground.ask(), await ground.ask(), await ground.ask()];
  await act(gone, ids[0]!, 'claim');
  await act(moved, ids[1]!, 'claim');
  await act(ground.hospital, ids[2]!, 'claim');
  await db.query('UPDATE staff SET disabled_at = created_at WHERE id = $1', [gone.id]);
  await db.query('DELETE FROM staff_roles WHERE staff_id = $1', [moved.id]);
  await sweep();
  expect(await Promise.all(ids.slice(0, 2).map(holder))).toEqual([null, null]);
  expect(await holder(ids[2]!)).not.toBeNull();
});

test('silent for too much working time is gone; nights and lunch do not count', async () => {
  await mode('round-robin', 60);
  await duty(one, true);
  const id = await ground.ask();
  const at = (time: string): ServiceDeps => {
    const now = new Date(`${time}:00+08:00`);
    return { ...ground.server.deps.serviceDeps, clock: { now: () => now, millis: () => now.getTime() } };
  };
  await ground.server.deps.db.query('UPDATE staff_duty SET last_seen_at = $2 WHERE staff_id = $1', [
    one.id,
    new Date('2026-03-02T17:00:00+08:00'),
  ]);
  await sweep(at('2026-03-02T22:00'));
  await sweep(at('2026-03-03T09:20'));
  expect(await holder(id)).toBe(one.id);
  await sweep(at('2026-03-03T09:31'));
  expect(await holder(id)).toBeNull();
});

describe('where a question goes by itself', () => {
  const rule = async (organisation: string, given: object) =>
    ground.dispatcher.send('POST', `${prefix}/rules`, { organisationId: await ground.id(organisation), ...given });
  const wentTo = async (given: Parameters<Ground['ask']>[0]) =>
    (await ground.row(await ground.ask({ organisation: null, ...given }))).organisation_id;

  test('chosen before any rule; then word and region together, word, account; else the dispatcher', async () => {
    await rule('police-station-east', { word: '户口', region: '城东', position: 1 });
    await rule('police-household', { word: '户口', position: 2 });
    await rule('hospital-first-desk', { account: 'demo', word: '挂号', position: 3 });
    expect(await wentTo({ text: '户口怎么迁到城东街道？' })).toBe(await ground.id('police-station-east'));
    const place = { label: '示例市城东区和平路', latitude: 30, longitude: 120 };
    expect(await wentTo({ text: '户口怎么迁？', place })).toBe(await ground.id('police-station-east'));
    expect(await wentTo({ text: '户口怎么迁？' })).toBe(await ground.id('police-household'));
    expect(await wentTo({ text: '怎么挂号？' })).toBe(await ground.id('hospital-first-desk'));
    expect(await wentTo({ text: '路灯坏了怎么办？' })).toBeNull();
    expect(await wentTo({ text: '户口怎么迁？', organisation: 'hospital-first-records' })).toBe(
      await ground.id('hospital-first-records'),
    );
  });

  test('a department that was given up gets no more: no rule, no transfer and no invitation leads there', async () => {
    const { db } = ground.server.deps;
    const givenUp = await ground.id('police-station-east');
    const disable = (yes: boolean) =>
      db.query('UPDATE organisations SET disabled_at = CASE WHEN $2 THEN created_at END WHERE id = $1', [givenUp, yes]);
    await disable(true);
    expect(await wentTo({ text: '户口怎么迁到城东街道？' })).toBe(await ground.id('police-household'));
    expect((await ground.dispatcher.get(`${prefix}/rules`)).body).toMatchObject({
      items: [{ organisation: { id: givenUp, disabled: true } }, { organisation: { disabled: false } }, {}],
    });
    expect(codeOf(await rule('police-station-east', { word: '身份证', position: 9 }))).toBe('404 not-found');
    const id = await ground.ask();
    for (const to of ['transfer', 'joint'])
      expect(codeOf(await act(ground.supervisor, id, to, { organisationId: givenUp, reason: '请你们办' }))).toBe(
        '404 not-found',
      );
    await disable(false);
    expect(await wentTo({ text: '户口怎么迁到城东街道？' })).toBe(givenUp);
  });

  test('a rule is changed and put before or behind others; the first that fits is used', async () => {
    const { db } = ground.server.deps;
    await db.query('DELETE FROM question_rules');
    const idOf = async (answer: ReturnType<typeof rule>) => (await answer).body as { id: number };
    const { id: east } = await idOf(rule('police-station-east', { word: '户口', position: 1 }));
    const { id: household } = await idOf(rule('police-household', { word: '户口', position: 1 }));
    const { id: desk } = await idOf(rule('hospital-first-desk', { word: '出生', position: 2 }));
    const move = (id: number, before: number | null, who = ground.dispatcher) =>
      who.send('POST', `${prefix}/rules/${id}/move`, { before });
    const order = async () =>
      ((await ground.dispatcher.get(`${prefix}/rules`)).body as { items: { id: number }[] }).items.map(({ id }) => id);
    const text = '孩子出生怎么上户口？';
    expect(await wentTo({ text })).toBe(await ground.id('police-station-east'));

    expect(codeOf(await move(household, east))).toBe('200 done');
    expect(await order()).toEqual([household, east, desk]);
    expect(await wentTo({ text })).toBe(await ground.id('police-household'));
    expect(codeOf(await move(household, null))).toBe('200 done');
    expect(await order()).toEqual([east, desk, household]);
    // between two that follow each other without a gap
    await db.query('UPDATE question_rules SET position = 7');
    const [first, second, third] = await order();
    await move(third!, second!);
    expect(await order()).toEqual([first, third, second]);
    await Promise.all([move(desk, null), move(east, null)]);
    expect((await order())[0]).toBe(household);

    const words = { word: '出生', region: '城东', organisationId: await ground.id('hospital-first-records') };
    expect(codeOf(await ground.dispatcher.send('PUT', `${prefix}/rules/${household}`, words))).toBe('200 done');
    const place = { label: '示例市城东区' };
    expect(await wentTo({ text, place })).toBe(await ground.id('hospital-first-records'));

    const local = await ground.clerk('rules-hospital', 'hospital-first', 'dispatcher');
    expect(codeOf(await move(east, null, local))).toBe('404 not-found');
    expect(codeOf(await move(desk, null, local))).toBe('403 not-allowed');
    expect(codeOf(await local.send('PUT', `${prefix}/rules/${desk}`, words))).toBe('403 not-allowed');
    expect(codeOf(await move(desk, 999_999))).toBe('404 not-found');
    expect(codeOf(await move(desk, desk))).toBe('404 not-found');
    const acts = await db.query<{ action: string }>(
      `SELECT DISTINCT action FROM audit WHERE action LIKE 'question-rule.%' ORDER BY action`,
    );
    expect(acts.map(({ action }) => action)).toEqual(['question-rule.add', 'question-rule.edit', 'question-rule.move']);
  });
});
