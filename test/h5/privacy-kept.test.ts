import { dropWhatIsOver } from '../../src/dialogue/privacy/run';
import { markNoShows } from '../../src/services/appointments/no-shows';
import { anyone } from '../support/server';
import { ask, booked, days, openLeaving, privacy, type Request, run, server } from './leaving';
import { formOf, later, registered, someone } from './registration';

// What stays for a while, what WeChat tells of, and what goes wrong.

openLeaving();

test('who did not come stays known by the document alone until it counts no more, and is known again at once', async () => {
  const who = await registered(server);
  await booked(who, 24);
  days(3);
  await markNoShows(server.deps.serviceDeps);
  who.citizen = await who.again();
  const asked = await ask(who, 'deletions');
  days(8);
  await run();
  later(server, 11 * 60);
  await run();
  const [record] = await server.deps.db.query<{ result: Request['result'] }>(
    'SELECT result FROM privacy_requests WHERE id = $1',
    [asked.id],
  );
  expect(record!.result).toContainEqual(
    expect.objectContaining({ title: '本人和家人的实名登记', erased: 1, kept: 1, until: expect.any(String) }),
  );
  const document = async () =>
    (
      await server.deps.db.query<{ kept: boolean }>(`SELECT document_sealed <> '' AS kept FROM persons WHERE id = $1`, [
        who.personId,
      ])
    )[0]!.kept;
  expect(await document()).toBe(true);
  const back = { openid: who.openid, citizen: await who.again() };
  later(server);
  const form = await formOf(server, back, { document: who.form.document });
  expect((await back.citizen.post<{ id: string }>('/persons', form)).body.id).toBe(who.personId);
  expect((await back.citizen.delete(`/persons/${who.personId}`)).status).toBe(200);
  await dropWhatIsOver(server.deps.serviceDeps);
  expect(await document()).toBe(true);
  days(200);
  await dropWhatIsOver(server.deps.serviceDeps);
  expect(await document()).toBe(false);
});

test('who is at the counter is deleted when they have left', async () => {
  const who = await registered(server);
  const asked = await ask(who, 'deletions');
  days(8);
  const id = await booked(who, 1);
  await server.deps.db.query(`UPDATE appointments SET status = 'checked-in' WHERE id = $1`, [id]);
  await run();
  later(server, 11 * 60);
  await run();
  const statusOf = async () =>
    (
      await server.deps.db.query<{ status: string }>('SELECT status FROM privacy_requests WHERE id = $1', [asked.id])
    )[0]!.status;
  expect(await statusOf()).toBe('closing');
  days(2);
  await run();
  expect(await statusOf()).toBe('done');
});

test('what is in somebody’s hands at that moment is waited for, and goes with the rest', async () => {
  const { db } = server.deps;
  for (const [table, busy, free] of [
    ['inbox', 'late', 'answered'],
    ['deliveries', 'sending', 'sent'],
  ]) {
    const who = await registered(server);
    await server.say(who.openid, '一句心里话');
    const asked = await ask(who, 'deletions');
    days(8);
    await run();
    later(server, 11 * 60);
    await server.say(who.openid, '一句心里话');
    await db.query(
      `UPDATE ${table} SET status = $2 WHERE openid = $1 AND ctid = (SELECT max(ctid) FROM ${table} WHERE openid = $1)`,
      [who.openid, busy],
    );
    await run();
    const found = async () => [
      await db.query('SELECT status FROM privacy_requests WHERE id = $1', [asked.id]),
      (await inChat(who.openid)).includes('一句心里话'),
      await db.query('SELECT 1 FROM deliveries WHERE openid = $1 LIMIT 1', [who.openid]).then(({ length }) => length),
    ];
    expect(await found()).toEqual([[{ status: 'closing' }], true, 1]);
    await db.query(`UPDATE ${table} SET status = $2 WHERE openid = $1 AND status = $3`, [who.openid, free, busy]);
    later(server);
    await run();
    expect(await found()).toEqual([[{ status: 'done' }], false, 0]);
  }
});

test('a message that is stored while the deletion runs puts it off, with all that it led to', async () => {
  const { db, serviceDeps } = server.deps;
  const who = await registered(server);
  const asked = await ask(who, 'deletions');
  days(8);
  await run();
  later(server, 11 * 60);
  const meanwhile = {
    title: '同时',
    copy: async () => [],
    erase: async () => {
      await server.say(who.openid, '提问');
      return [];
    },
  };
  serviceDeps.contributed.personal.push(meanwhile);
  await run();
  const statusOf = () => db.query('SELECT status FROM privacy_requests WHERE id = $1', [asked.id]);
  expect(await statusOf()).toEqual([{ status: 'closing' }]);
  expect(await db.query('SELECT 1 FROM person_bindings WHERE openid = $1', [who.openid])).toHaveLength(1);
  serviceDeps.contributed.personal.splice(serviceDeps.contributed.personal.indexOf(meanwhile), 1);
  later(server);
  await run();
  expect(await statusOf()).toEqual([{ status: 'done' }]);
  expect(await db.query('SELECT state FROM sessions WHERE openid = $1', [who.openid])).toEqual([{ state: null }]);
});

const event = (openid: string, name: string) => server.act(openid, { event: name });
const inChat = async (openid: string) =>
  JSON.stringify(await server.deps.db.query('SELECT message, reply, sealed FROM inbox WHERE openid = $1', [openid]));
const recordOf = async (openid: string) =>
  server.deps.db.query<{ kind: string; cause: string; status: string }>(
    'SELECT kind, cause, status FROM privacy_requests WHERE openid = $1 ORDER BY asked_at',
    [openid],
  );

test('who unfollows and stays away has what came from WeChat deleted; the booking stays', async () => {
  const who = await registered(server);
  const id = await booked(who, 20 * 24);
  await server.say(who.openid, '一句心里话');
  await event(who.openid, 'unsubscribe');
  await run();
  expect(await inChat(who.openid)).toContain('一句心里话');
  days(3.1);
  await run();
  expect(await inChat(who.openid)).not.toContain('一句心里话');
  expect(await recordOf(who.openid)).toEqual([{ kind: 'forget', cause: 'unsubscribe', status: 'done' }]);
  expect(await server.deps.db.query('SELECT status FROM appointments WHERE id = $1', [id])).toEqual([
    { status: 'booked' },
  ]);
  await event(who.openid, 'subscribe');
  expect(await server.say(who.openid, '我的预约')).toEqual([expect.stringContaining('示例窗口')]);
});

test('who follows again within the time has not left', async () => {
  const openid = anyone();
  await server.say(openid, '一句心里话');
  await event(openid, 'unsubscribe');
  days(1);
  await event(openid, 'subscribe');
  days(3);
  await run();
  expect(await inChat(openid)).toContain('一句心里话');
  expect(await recordOf(openid)).toEqual([{ kind: 'forget', cause: 'unsubscribe', status: 'withdrawn' }]);
});

test('a taken-back authorisation deletes it at once, told twice once; a closed WeChat account deletes everything', async () => {
  const openid = anyone();
  await server.say(openid, '一句心里话');
  await Promise.all([event(openid, 'user_authorization_revoke'), event(openid, 'user_authorization_revoke')]);
  await run();
  expect(await inChat(openid)).not.toContain('一句心里话');
  expect(new Set((await recordOf(openid)).map(({ status }) => status))).toEqual(new Set(['done']));

  const gone = await registered(server);
  await booked(gone, 48);
  await event(gone.openid, 'user_authorization_cancellation');
  await run();
  later(server, 11 * 60);
  await run();
  expect(await recordOf(gone.openid)).toEqual([]);
  const left = await server.deps.db.query('SELECT 1 FROM person_bindings WHERE openid = $1', [gone.openid]);
  expect(left).toEqual([]);
});

test('what cannot be done now is tried again, and one that fails holds up nobody', async () => {
  const [one, two] = [await someone(server), await someone(server)];
  const broken = (await one.citizen.post<Request>('/privacy/exports')).body;
  const fine = (await two.citizen.post<Request>('/privacy/exports')).body;
  const { contributed } = server.deps.serviceDeps;
  const faulty = {
    title: '坏的',
    copy: async ({ openid }: { openid: string }) => {
      if (openid === one.openid) throw new Error('a part that fails');
      return [];
    },
    erase: async () => [],
  };
  contributed.personal.push(faulty);
  await run();
  expect((await privacy(one)).items[0]).toMatchObject({ id: broken.id, status: 'waiting' });
  expect((await privacy(two)).items[0]).toMatchObject({ id: fine.id, status: 'done' });
  contributed.personal.splice(contributed.personal.indexOf(faulty), 1);
  later(server, 6 * 60);
  await run();
  expect((await privacy(one)).items[0]).toMatchObject({ id: broken.id, status: 'done' });
});
