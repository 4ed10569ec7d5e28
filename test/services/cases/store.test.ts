import type { Reported } from '../../../src/services/cases/store';
import { signInCitizen } from '../../h5/citizen-client';
import { idCard, type Office, openOffice, step } from './office';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office?.close());

const rowOf = async (number: string) =>
  (
    await office.db.query<{ state: string; steps: { state: string; at: string }[]; due: string; done: boolean }>(
      `SELECT state, steps, (due_at AT TIME ZONE 'Asia/Shanghai')::date::text AS due, done_at IS NOT NULL AS done FROM cases WHERE number = $1`,
      [number],
    )
  )[0]!;
const statesOf = async (number: string) => (await rowOf(number)).steps.map(({ state }) => state);

test('steps come in any order and as often as they like; each stands once, in its place', async () => {
  const steps = [
    step('ST20260001', 'accepted', '2026-02-02 10:00'),
    step('ST20260001', 'approved', '2026-02-03 10:00'),
    step('ST20260001', 'ready', '2026-02-05 10:00', { place: '3 号窗口' }),
  ];
  expect(await office.store(office.police, steps[2]!)).toEqual(['added']);
  expect(await office.store(office.police, steps[0]!)).toEqual(['changed']);
  expect(
    await office.store(
      office.police,
      steps[0]!,
      step('ST20260001', 'ordered', '2026-02-09 10:00', { kind: 'medical-report' }),
    ),
  ).toEqual(['same', 'other-kind']);
  expect(await rowOf('ST20260001')).toMatchObject({ state: 'ready', done: true });
  await office.store(office.police, ...steps, ...steps.slice().reverse());
  expect(await statesOf('ST20260001')).toEqual(['accepted', 'approved', 'ready']);
  const noted = step('ST20260001', 'approved', '2026-02-03 10:00', { note: '请带照片' });
  expect(await office.store(office.police, noted, noted, steps[1]!)).toEqual(['changed', 'same', 'same']);
  expect((await rowOf('ST20260001')).steps[1]).toMatchObject({ state: 'approved', note: '请带照片' });
  expect(await statesOf('ST20260001')).toEqual(['accepted', 'approved', 'ready']);
  // Seven working days from the day it was accepted, not from the first step that was heard of.
  expect((await rowOf('ST20260001')).due).toBe('2026-02-11');
});

test('a case has so many steps and no more; what it has is said anew as before', async () => {
  const day = (nth: number) => new Date(Date.UTC(2025, 0, 1 + nth)).toISOString().slice(0, 10);
  const all = Array.from({ length: 202 }, (_, nth) =>
    step('FU20260001', nth % 2 ? 'approved' : 'returned', `${day(nth)} 10:00`, { note: `第 ${nth} 次` }),
  );
  const outcomes = await office.store(office.police, ...all);
  expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(2);
  expect(outcomes.slice(-3)).toEqual(['changed', 'full', 'full']);
  expect(await statesOf('FU20260001')).toHaveLength(200);
  const again = { ...all[199]!, note: '请带照片' };
  const nightly = { ...again, at: new Date('2026-02-01T10:00:00+08:00') };
  const other = step('FU20260001', 'ordered', '2026-02-09 10:00', { kind: 'medical-report' });
  expect(await office.store(office.police, all[3]!, again, nightly, other)).toEqual([
    'same',
    'changed',
    'same',
    'other-kind',
  ]);
  expect(await statesOf('FU20260001')).toHaveLength(200);
});

test('two who report the same cases at once', async () => {
  const numbers = Array.from({ length: 50 }, (_, index) => `TW2026${String(index).padStart(4, '0')}`);
  const report = (state: string, at: string, list: string[]) =>
    office.store(office.police, ...list.map((number) => step(number, state, at)));
  await Promise.all([
    report('accepted', '2026-02-02 10:00', numbers),
    report('approved', '2026-02-03 10:00', numbers.slice().reverse()),
    report('accepted', '2026-02-02 10:00', numbers),
  ]);
  for (const number of numbers) expect(await statesOf(number)).toEqual(['accepted', 'approved']);
});

test('the state is that of the latest step by its time, in whatever order they come; what is said again is no step of its own', async () => {
  const days = ['2026-02-02', '2026-02-04', '2026-02-06'].map((day) => `${day} 10:00`);
  const said = ['ready', 'returned', 'ready'].map((state, nth) => [state, days[nth]!] as const);
  const orders = ['012', '021', '102', '120', '201', '210'];
  for (const order of orders) {
    const number = `OR2026${order}`;
    for (const nth of order) await office.store(office.police, step(number, ...said[Number(nth)]!));
    expect([order, await statesOf(number)]).toEqual([order, ['ready', 'returned', 'ready']]);
    expect(await rowOf(number)).toMatchObject({ state: 'ready', done: true });
    // All of it once more, and nothing is new.
    for (const [state, at] of said)
      expect(await office.store(office.police, step(number, state, at))).toEqual(['same']);
    await office.store(office.police, step(number, 'returned', '2026-02-05 10:00'));
    expect(await statesOf(number)).toEqual(['ready', 'returned', 'ready']);
  }
  // In the past as well: between what was said twice and what followed.
  const number = 'OR2026999';
  for (const at of days.slice(0, 2)) await office.store(office.police, step(number, 'accepted', at));
  await office.store(office.police, step(number, 'ready', days[2]!));
  await office.store(office.police, step(number, 'returned', '2026-02-03 10:00'));
  expect(await statesOf(number)).toEqual(['accepted', 'returned', 'accepted', 'ready']);
  const noted = step(number, 'ready', '2026-02-08 10:00', { note: '3 号窗口' });
  await office.store(office.police, noted, step(number, 'ready', '2026-02-10 10:00', { note: '3 号窗口' }));
  // Another note for the step, and the late one between still has it said again after.
  await office.store(office.police, { ...noted, note: '5 号窗口' });
  await office.store(office.police, step(number, 'returned', '2026-02-09 10:00'));
  expect(await rowOf(number)).toMatchObject({ state: 'ready', done: true });
});

test('another note and place for the latest step hold, though it was said again since; of an older step they do not', async () => {
  const ready = (at: string, more: Partial<Reported> = {}) =>
    office.store(office.police, step('PL20260001', 'ready', at, more));
  const placeOf = async () =>
    (await office.db.query<{ place: string }>(`SELECT place FROM cases WHERE number = 'PL20260001'`))[0]!.place;
  await office.store(office.police, step('PL20260001', 'approved', '2026-02-02 10:00'));
  await ready('2026-02-03 10:00', { place: '3 号窗口' });
  expect(await ready('2026-02-05 10:00')).toEqual(['same']);
  expect(await ready('2026-02-03 10:00', { place: '5 号窗口', note: '改到 5 号' })).toEqual(['changed']);
  expect(await placeOf()).toBe('5 号窗口');
  await office.store(office.police, step('PL20260001', 'approved', '2026-02-02 10:00', { place: '1 号窗口' }));
  expect(await placeOf()).toBe('5 号窗口');
});

test('who follows is told of each step once, after the night, and not once it is over', async () => {
  const document = idCard();
  await office.store(office.police, step('FO20260001', 'accepted', '2026-03-01 10:00', { document }));
  const citizen = await office.citizen(document);
  const { token } = (await citizen.get<{ items: { token: string }[] }>('/cases')).body.items[0]!;
  expect((await citizen.post('/cases/follow', { token, follow: true })).body).toEqual({ followed: true });
  expect((await citizen.post('/cases/open', { token })).body).toMatchObject({ followed: true });

  const approved = step('FO20260001', 'approved', '2026-03-02 09:00');
  await Promise.all([office.store(office.police, approved), office.store(office.police, approved)]);
  office.setTime('2026-03-02T22:30:00+08:00');
  await office.store(office.police, step('FO20260001', 'making', '2026-03-02 22:00'));
  // Late news of a step before that: nothing new for the citizen.
  await office.store(office.police, step('FO20260001', 'returned', '2026-03-01 12:00'));
  expect(await office.told(citizen.openid)).toEqual([
    { title: '普通护照：审核通过', url: expect.stringContaining('#/cases'), not_before: null },
    {
      title: '普通护照：制证中',
      url: expect.stringContaining('#/cases'),
      not_before: new Date('2026-03-03T08:00:00+08:00'),
    },
  ]);
  office.setTime('2026-03-03T09:00:00+08:00');
  const again = await signInCitizen(office.server, citizen.openid);
  expect((await again.post('/cases/follow', { token, follow: false })).body).toEqual({ followed: false });
  await office.store(office.police, step('FO20260001', 'ready', '2026-03-02 22:10'));
  expect(await office.told(citizen.openid)).toHaveLength(2);
});

test('an office’s own promise of a day holds instead of the kind’s', async () => {
  await office.store(office.police, step('DU20260001', 'accepted', '2026-02-02 10:00'));
  await office.store(
    office.police,
    step('DU20260001', 'approved', '2026-02-03 10:00', { dueAt: new Date('2026-03-20T17:00:00+08:00') }),
  );
  await office.store(office.police, step('DU20260001', 'making', '2026-02-04 10:00'));
  expect((await rowOf('DU20260001')).due).toBe('2026-03-20');
  // An older promise that is reported once more is not the last word.
  const older = step('DU20260001', 'accepted', '2026-02-02 10:00', { dueAt: new Date('2026-02-20T17:00:00+08:00') });
  expect(await office.store(office.police, older)).toEqual(['same']);
  expect((await rowOf('DU20260001')).due).toBe('2026-03-20');

  // What is promised with a step that comes before those before it, or between others that promise nothing, holds as well.
  const promise = (number: string) =>
    step(number, 'approved', '2026-02-03 10:00', { dueAt: new Date('2026-03-20T17:00:00+08:00') });
  const [first, last] = ['DU20260002', 'DU20260003'].map((number) => [
    step(number, 'accepted', '2026-02-02 10:00'),
    step(number, 'making', '2026-02-04 10:00'),
  ]) as [Reported[], Reported[]];
  await office.store(office.police, promise('DU20260002'));
  await office.store(office.police, ...first);
  await office.store(office.police, ...last);
  expect(await office.store(office.police, promise('DU20260003'))).toEqual(['changed']);
  for (const number of ['DU20260002', 'DU20260003']) {
    expect(await statesOf(number)).toEqual(['accepted', 'approved', 'making']);
    expect((await rowOf(number)).due).toBe('2026-03-20');
  }
});

test('the same state in the same words, said each night with the time of the night, is one step and told once', async () => {
  const document = idCard();
  const nightly = (state: string, at: string, more: Partial<Reported> = {}) =>
    office.store(office.police, step('NI20260001', state, at, { document, ...more }));
  await nightly('accepted', '2026-02-25 02:00');
  const citizen = await office.citizen(document);
  const { token } = (await citizen.get<{ items: { token: string }[] }>('/cases')).body.items[0]!;
  await citizen.post('/cases/follow', { token, follow: true });
  expect(await nightly('accepted', '2026-02-26 02:00')).toEqual(['same']);
  expect(await nightly('ready', '2026-02-27 02:00', { note: '3 号窗口' })).toEqual(['changed']);
  expect(await nightly('ready', '2026-02-28 02:00', { note: '3 号窗口' })).toEqual(['same']);
  expect((await rowOf('NI20260001')).steps.map(({ at }) => at)).toEqual([
    '2026-02-24T18:00:00.000Z',
    '2026-02-26T18:00:00.000Z',
  ]);
  expect(await rowOf('NI20260001')).toMatchObject({ state: 'ready', done: true });
  expect(await office.told(citizen.openid)).toHaveLength(1);
  // Other words, or another state between, are something new.
  expect(await nightly('ready', '2026-03-01 02:00', { note: '5 号窗口' })).toEqual(['changed']);
  await nightly('returned', '2026-03-01 12:00');
  expect(await nightly('ready', '2026-03-02 02:00', { note: '5 号窗口' })).toEqual(['changed']);
  expect(await statesOf('NI20260001')).toEqual(['accepted', 'ready', 'ready', 'returned', 'ready']);
  // All of it sent once more: what was no step then is none among later ones either.
  expect(await nightly('accepted', '2026-02-26 02:00')).toEqual(['same']);
  expect(await nightly('ready', '2026-02-28 02:00', { note: '3 号窗口' })).toEqual(['same']);
  expect(await statesOf('NI20260001')).toEqual(['accepted', 'ready', 'ready', 'returned', 'ready']);
  expect(await office.told(citizen.openid)).toHaveLength(4);
});
