import { rate } from '../../../src/services/questions/closing';
import { linkToken } from '../../../src/services/questions/link';
import { type Client, signIn } from '../../console/client';
import { picture } from '../../support/pictures';
import { act, codeOf, type Ground, prefix, startGround } from './ground';
import { bring, bytesOf, look } from './images-stage';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground?.stop());

test('what the citizen thinks of the answer stands in the list and in the thread', async () => {
  const { hospital, server } = ground;
  const id = await ground.ask();
  const row = async (queue: string) =>
    ((await hospital.get(`${prefix}/list?queue=${queue}`)).body as { items: object[] }).items[0];
  expect(await row('department')).toMatchObject({ id, solved: null, satisfied: null });
  const words = { text: '一楼自助机', seen: (await ground.row(id)).version, key: 'answer-to-rate', resolve: true };
  expect(codeOf(await act(hospital, id, 'answer', words))).toBe('200 done');
  const { db, serviceDeps } = server.deps;
  const said = { solved: true, satisfied: 4 };
  await db.transaction((tx) => rate(tx, { id, at: serviceDeps.clock.now(), ...said }, serviceDeps));
  expect(await row('closed')).toMatchObject({ id, ...said });
  expect((await hospital.get(`${prefix}/${id}`)).body).toMatchObject(said);
});

test('canned answers of departments above are there to be used, and say that they cannot be changed', async () => {
  const boss = await ground.clerk('hospital-boss', 'hospital-first', 'supervisor');
  const add = async (client: typeof boss, title: string) =>
    (await client.send('POST', `${prefix}/canned`, { title, body: title })).body as { id: number };
  const { id: theirs } = await add(boss, '全院通用');
  const { id: own } = await add({ ...boss, ...ground.hospital }, '本科室用');
  const seenBy = async ({ get }: Pick<typeof boss, 'get'>) =>
    ((await get(`${prefix}/canned`)).body as { items: { id: number; mayChange: boolean }[] }).items
      .filter(({ id }) => id === theirs || id === own)
      .map(({ id, mayChange }) => [id === own ? 'own' : 'theirs', mayChange])
      .sort();
  expect(await seenBy(ground.hospital)).toEqual([
    ['own', true],
    ['theirs', false],
  ]);
  expect(await seenBy(boss)).toEqual([
    ['own', true],
    ['theirs', true],
  ]);
  expect(codeOf(await ground.hospital.send('PATCH', `${prefix}/canned/${theirs}`, { title: '改一改' }))).toBe(
    '404 not-found',
  );
});

test('canned answers are suggested that are about the same thing, not those that share a character or «怎么办理»', async () => {
  const add = async (title: string, body: string) =>
    (await ground.hospital.send('POST', `${prefix}/canned`, { title, body })).status;
  await add('打印报告', '{{citizenName}}，检查报告在一楼自助机打印。');
  await add('停车', '院内停车场早上六点开，在这里办理月卡。');
  const id = await ground.ask({ text: '检查报告在哪里办理打印？' });
  const { suggestions } = (await ground.hospital.get(`${prefix}/${id}`)).body as {
    suggestions: { title: string; text: string; key: string }[];
  };
  expect(suggestions.filter(({ key }) => key.startsWith('canned:')).map(({ text }) => text)).toEqual([
    '市民朋友，检查报告在一楼自助机打印。',
  ]);
});

test('what becomes of an answer is told to open pages when it becomes so: delivered or failed', async () => {
  const { hospital, server } = ground;
  const { db, delivery } = server.deps;
  const answered = async (openid: string) => {
    const id = await ground.ask({ openid });
    const words = { text: '一楼自助机', seen: (await ground.row(id)).version, key: `fate-of-${openid}` };
    expect(codeOf(await act(hospital, id, 'answer', words))).toBe('200 done');
    return id;
  };
  const told = async (id: string) =>
    (
      await db.query<{ path: string; roles: string[] }>(
        `SELECT path, roles FROM live_events WHERE topic = 'question' AND data->>'id' = $1 AND data->>'event' = 'fate'`,
        [id],
      )
    ).map(({ path, roles }) => ({ path, roles }));
  const deliver = (openid: string) => delivery.handlers.deliver!({ accountId: 1, openid });
  const fateOf = async (id: string) =>
    ((await hospital.get(`${prefix}/${id}`)).body as { messages: { fate: { status: string } | null }[] }).messages.at(
      -1,
    )!.fate!.status;
  const [desk] = await db.query<{ path: string }>(`SELECT path FROM organisations WHERE key = 'hospital-first-desk'`);
  const there = { path: desk!.path, roles: ['clerk', 'dispatcher', 'supervisor'] };

  await server.say('oFateOpen', '你好');
  const open = await answered('oFateOpen');
  expect(await told(open)).toEqual([]);
  await deliver('oFateOpen');
  expect([await fateOf(open), await told(open)]).toEqual(['delivered', [there]]);

  const gone = await answered('oFateGone');
  await db.query(`UPDATE deliveries SET expires_at = created_at WHERE openid = 'oFateGone'`);
  await deliver('oFateGone');
  expect([await fateOf(gone), await told(gone)]).toEqual(['failed', [there]]);
});

test('pictures chosen for an answer are there again with its draft, for whoever chose them alone', async () => {
  const { hospital, server } = ground;
  const colleague = await ground.clerk('desk-colleague');
  const id = await ground.ask();
  const upload = async () =>
    (
      await bring(server, `/api/console${prefix}/${id}/images`, await picture('png'), {
        'content-type': 'image/png',
        authorization: `Bearer ${hospital.token}`,
      })
    ).body.id!;
  const [one, two] = [await upload(), await upload()];
  const keep = (draft: object, client: Pick<typeof hospital, 'send'> = hospital) =>
    client.send('PUT', `${prefix}/${id}/draft`, draft);
  const draft = async (client: Pick<typeof hospital, 'get'> = hospital) =>
    ((await client.get(`${prefix}/${id}`)).body as { draft: unknown }).draft;

  await keep({ text: '', images: [two, one] });
  expect(await draft()).toEqual({ text: '', images: [two, one] });
  const address = `/api/console${prefix}/${id}/images/${one}?size=small`;
  const shown = await look(server, address, hospital.token);
  expect([shown.status, (await bytesOf(shown)).length > 100]).toEqual([200, true]);
  // Somebody else's id in one's own draft shows nothing, and is not to be had.
  await keep({ text: '看看', images: [one] }, colleague);
  expect(await draft(colleague)).toEqual({ text: '看看', images: [] });
  expect((await look(server, address, colleague.token)).status).toBe(404);

  const words = { text: '见图', seen: (await ground.row(id)).version, key: 'answer-with-pictures', images: [two] };
  expect(codeOf(await act(hospital, id, 'answer', words))).toBe('200 done');
  expect(await draft()).toBeNull();
  expect((await look(server, address.replace(one, two), colleague.token)).status).toBe(200);
  await keep({ text: '还有', images: [two, one] });
  expect(await draft()).toEqual({ text: '还有', images: [one] });
  await keep({ text: '', images: [] });
  expect(await draft()).toBeNull();
});

test('a word that only very old questions have is found, whatever was asked since; and nobody finds those of others', async () => {
  const { db } = ground.server.deps;
  const theirs = await ground.ask({ text: '门诊的观测站在哪里？' });
  const undispatched = await ground.ask({ text: '观测站几点开门？', organisation: null });
  // As if millions had been asked since.
  await db.query(`SELECT setval(pg_get_serial_sequence('questions', 'id'), max(id) + 3000000) FROM questions`);
  for (let count = 0; count < 3; count++) await ground.ask();
  const found = async ({ get }: Pick<Client, 'get'>, more = '') => {
    const ids: string[] = [];
    for (let after = ''; ; ) {
      const page = (await get(`${prefix}/list?search=${encodeURIComponent('观测站')}${more}${after}`)).body as {
        items: { id: string }[];
        next: string | null;
      };
      ids.push(...page.items.map(({ id }) => id));
      if (page.next === null) return ids;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  };
  expect(await found(ground.hospital)).toEqual([theirs]);
  expect(await found(ground.supervisor)).toEqual([undispatched, theirs]);
  expect(await found(await ground.clerk('health-boss', 'health', 'supervisor'))).toEqual([theirs]);
  expect(await found(ground.police)).toEqual([]);
  expect(await found(ground.hospital, '&queue=closed')).toEqual([]);
  await db.query(`UPDATE questions SET status = 'closed', next_fire_at = NULL WHERE id = $1`, [theirs]);
  expect(await found(ground.hospital, '&queue=closed')).toEqual([theirs]);
});

test('what consists of characters that nobody sees is no question, no supplement and no answer: each is told so', async () => {
  const { server, hospital } = ground;
  const { db } = server.deps;
  // Zero-width and right-to-left marks, a soft hyphen, an empty braille cell, a filler, a blank.
  const unseen = '\u200b\u200f\u202e\u2060\u00ad\u2800\u3164\ufeff \u3000'.repeat(3);
  const count = async () =>
    (await db.query(`SELECT 1 FROM questions UNION ALL SELECT 1 FROM question_messages WHERE kind <> 'event'`)).length;

  const id = await ground.ask({ openid: 'oUnseenSupplement' });
  const before = await count();
  for (const openid of ['oUnseenChat', 'oUnseenSupplement']) {
    for (const words of ['我要提问', '不清楚']) await server.say(openid, words);
    expect((await server.say(openid, unseen))[0]).toContain('请用文字回复，5 到 500 个字');
    expect((await server.say(openid, `好${unseen}`))[0]).toContain('请用文字回复，5 到 500 个字');
    await server.say(openid, '取消');
    for (const words of [unseen, `问 ${unseen}`, `补充 ${unseen}`]) await server.say(openid, words);
  }

  const send = async (openid: string, path: string, body: object) => {
    const token = linkToken({ accountId: 1, openid, questionId: null }, server.deps);
    const response = await fetch(`${server.url}/api/h5/questions/${token}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'key-of-the-unseen', ...body }),
    });
    return [response.status, ((await response.json()) as { error: { fields: object } }).error.fields];
  };
  expect(await send('oUnseenPage', '', { organisationId: null, publishable: false, text: unseen })).toEqual([
    422,
    { text: '至少 5 个字（空格和看不见的字符不算）' },
  ]);
  expect(await send('oUnseenSupplement', `/${id}/messages`, { text: unseen })).toEqual([
    422,
    { text: '请写补充的内容，或加上照片' },
  ]);

  const answer = { text: unseen, seen: (await ground.row(id)).version, key: 'unseen-answer' };
  const refused = await act(hospital, id, 'answer', answer);
  expect([refused.status, refused.body]).toMatchObject([
    422,
    { error: { fields: { text: '请写答复（空格和看不见的字符不算）' } } },
  ]);
  expect(await count()).toBe(before);
});

test('the thread says how far its acts may go as the city has it, and whether a notice can tell of an answer', async () => {
  const { hospital, server } = ground;
  const id = await ground.ask();
  const thread = async () => (await hospital.get(`${prefix}/${id}`)).body;
  expect(await thread()).toMatchObject({ grade: 'ordinary', window: null, noticed: true });
  await server.deps.settings.set('questions.limits', { bounces: 4, extensionDays: 5 });
  const admin = await signIn(server, 'admin');
  expect((await admin.send('PATCH', '/accounts/demo', { noticeTemplates: {} })).status).toBe(200);
  expect(codeOf(await act(hospital, id, 'grade', { grade: 'complex' }))).toBe('200 done');
  const told = { grade: 'complex', noticed: false, limits: { bounces: 4, extensionDays: 5 } };
  expect(await thread()).toMatchObject(told);
});
