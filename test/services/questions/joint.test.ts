import { closeSilent, rate } from '../../../src/services/questions/closing';
import { audited } from '../../console/client';
import { act, codeOf, type Ground, prefix, startGround } from './ground';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground?.stop());

const inviteHospital = async (id: string) =>
  act(ground.police, id, 'joint', {
    organisationId: await ground.id('hospital-first-desk'),
    reason: '出生证明由医院开',
  });
const end = async (client: Ground['hospital'], id: string, outcome: string, text: string) =>
  act(client, id, `joint/${await ground.id('hospital-first-desk')}/end`, { outcome, text });
const listed = async (client: Ground['hospital'], queue: string) =>
  ((await client.get(`${prefix}/list?queue=${queue}`)).body as { items: { id: string }[] }).items.map(({ id }) => id);

test('who is asked for help sees it and writes notes; the department that leads answers', async () => {
  const { hospital, police, server } = ground;
  const id = await ground.ask({ organisation: 'police-household', text: '孩子落户要什么材料？' });
  expect((await hospital.get(`${prefix}/${id}`)).status).toBe(404);
  expect(codeOf(await inviteHospital(id))).toBe('200 done');
  expect(codeOf(await inviteHospital(id))).toBe('409 there-already');
  expect(await listed(hospital, 'joint')).toEqual([id]);
  expect(await listed(hospital, 'department')).not.toContain(id);
  expect((await hospital.get(`${prefix}/${id}`)).body).toMatchObject({ leading: false });
  expect((await police.get(`${prefix}/${id}`)).body).toMatchObject({
    leading: true,
    joint: [{ organisation: { title: '门诊服务部' }, reason: '出生证明由医院开', endedAt: null }],
  });
  expect(codeOf(await act(hospital, id, 'note', { text: '凭出院小结补办', key: 'note-of-a-helper' }))).toBe('200 done');
  const { version } = await ground.row(id);
  const refused = [
    await act(hospital, id, 'answer', { text: '请来医院', seen: version, key: 'answer-of-a-helper' }),
    await act(hospital, id, 'transfer', { organisationId: await ground.id('police'), reason: '不归我们' }),
    await act(hospital, id, 'bounce', { reason: '不归我们' }),
    await act(hospital, id, 'claim'),
    await act(hospital, id, 'reveal', { reason: '想看看原文' }),
  ];
  expect(refused.map(codeOf)).toEqual(Array(5).fill('403 lead-only'));
  expect(codeOf(await end(hospital, id, 'done', '凭出院小结补办出生证明'))).toBe('200 done');
  expect((await hospital.get(`${prefix}/${id}`)).status).toBe(404);
  expect(await listed(hospital, 'joint')).toEqual([]);
  expect(await ground.lines(id)).toEqual([
    '请门诊服务部协办：出生证明由医院开',
    '凭出院小结补办',
    '门诊服务部协办完成：凭出院小结补办出生证明',
  ]);
  expect(await audited(server, 'question.joint-end')).toMatchObject([{ username: 'clerk-hospital' }]);
  expect(await audited(server, 'question.joint')).toMatchObject([{ username: 'clerk-police' }]);
});

test('declined, ended by the lead, asked again; nobody else may end it', async () => {
  const id = await ground.ask({ organisation: 'police-household' });
  await inviteHospital(id);
  expect(codeOf(await end(ground.hospital, id, 'declined', '不是我院的事'))).toBe('200 done');
  expect(codeOf(await end(ground.hospital, id, 'done', '再结束一次'))).toBe('404 not-found');
  expect(codeOf(await inviteHospital(id))).toBe('200 done');
  const records = await ground.clerk('records-clerk', 'hospital-first-records');
  expect(codeOf(await end(records, id, 'done', '我来结束'))).toBe('404 not-found');
  expect(codeOf(await end(ground.police, id, 'done', '不用了，谢谢'))).toBe('200 done');
  expect((await ground.lines(id)).slice(1)).toEqual([
    '门诊服务部不接受协办：不是我院的事',
    '请门诊服务部协办：出生证明由医院开',
    '门诊服务部的协办已结束：不用了，谢谢',
  ]);
});

test('a helper to whom it is transferred leads; sent back, nobody helps any more', async () => {
  const moved = await ground.ask({ organisation: 'police-household' });
  await inviteHospital(moved);
  await act(ground.police, moved, 'transfer', {
    organisationId: await ground.id('hospital-first-desk'),
    reason: '归医院',
  });
  expect((await ground.hospital.get(`${prefix}/${moved}`)).body).toMatchObject({ leading: true });
  expect((await ground.police.get(`${prefix}/${moved}`)).status).toBe(404);
  const bounced = await ground.ask({ organisation: 'police-household' });
  await inviteHospital(bounced);
  await act(ground.police, bounced, 'bounce', { reason: '不归户政' });
  expect((await ground.hospital.get(`${prefix}/${bounced}`)).status).toBe(404);
});

test('closed, nothing is left to help with: gone for helpers, by rating or by silence, and there again when reopened', async () => {
  const { hospital, police, supervisor, server } = ground;
  const { db, serviceDeps } = server.deps;
  const answered = async () => {
    const id = await ground.ask({ organisation: 'police-household' });
    await inviteHospital(id);
    const { version } = await ground.row(id);
    const words = { text: '带户口本来办', seen: version, key: `answer-of-${id}`, resolve: true };
    expect(codeOf(await act(police, id, 'answer', words))).toBe('200 done');
    expect((await hospital.get(`${prefix}/${id}`)).status).toBe(200);
    return id;
  };
  const rated = await answered();
  await db.transaction((tx) =>
    rate(tx, { id: rated, at: serviceDeps.clock.now(), solved: true, satisfied: 5 }, serviceDeps),
  );
  const silent = await answered();
  const later = new Date(serviceDeps.clock.millis() + 60 * 24 * 3600_000);
  const [before] = await db.query<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM live_events');
  await closeSilent({ ...serviceDeps, clock: { now: () => later, millis: () => later.getTime() } });
  for (const id of [rated, silent]) {
    expect((await hospital.get(`${prefix}/${id}`)).status).toBe(404);
    expect(codeOf(await act(hospital, id, 'note', { text: '还想补充', key: `note-after-${id}` }))).toBe(
      '404 not-found',
    );
    expect((await police.get(`${prefix}/${id}`)).body).toMatchObject({ status: 'closed', joint: [{ endedAt: null }] });
  }
  const told = await db.query<{ path: string }>(
    `SELECT path FROM live_events WHERE id > $1 AND topic = 'questions' AND data->'ids' ? $2`,
    [before!.id, silent],
  );
  expect(told).toHaveLength(2);
  expect(codeOf(await act(supervisor, silent, 'reopen'))).toBe('200 done');
  expect((await hospital.get(`${prefix}/${silent}`)).status).toBe(200);
});
