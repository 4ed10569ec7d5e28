import { addStaff, audited, type Client, signIn } from '../../console/client';
import { anonymous, signInCitizen } from '../../h5/citizen-client';
import { anyone, startTestServer, type TestServer } from '../../support/server';

let server: TestServer;
let hospital: Client;
let police: Client;
let reviewer: Client;
beforeAll(async () => {
  server = await startTestServer();
  await addStaff(server, 'reviewer-health', 'reviewer', 'health');
  [hospital, police, reviewer] = await Promise.all([
    signIn(server, 'clerk-hospital'),
    signIn(server, 'clerk-police'),
    signIn(server, 'reviewer'),
  ]);
});
afterAll(() => server?.stop());

type Whole = {
  id: string;
  status: string;
  live: boolean;
  edit: number;
  version: number;
  hash: string;
  agreed: boolean;
  content: { question: string; answer: string; aliases: string[]; basis: string | null; cleared: string[] };
  findings: { title: string; text: string; cleared: boolean; field: string }[];
  before: { answer: string } | null;
  versions: { version: number; outcome: string | null; note: string }[];
  can: { write: boolean; review: boolean };
};
const base = '/services/knowledge';
const read = async (who: Client, id: string) => (await who.get(`${base}/entries/${id}`)).body as Whole;
const error = (answer: { body: unknown }) => (answer.body as { error: { code: string; message: string } }).error;

/** Something that nothing else in the city is about. */
const oddities = ['紫藤', '望远镜', '蜂箱', '风车', '灯谜', '沙画', '竹编', '皮影', '石磨', '陶艺', '剪纸', '风筝'];
const oddity = () => oddities.pop()!;

async function propose(who: Client, more: object = {}) {
  const thing = oddity();
  const { status, body } = await who.send('POST', `${base}/entries`, {
    question: `${thing}有多少种`,
    answer: `${thing}一共有八种。`,
    ...more,
  });
  expect(status).toBe(201);
  return { thing, id: (body as { id: string }).id };
}

async function save(who: Client, id: string, change: object = {}) {
  const { content, edit } = await read(who, id);
  return who.send('PUT', `${base}/entries/${id}`, { ...content, basis: 'generalised', ...change, edit });
}

async function submit(who: Client, id: string) {
  return who.send('POST', `${base}/entries/${id}/submit`, { edit: (await read(who, id)).edit });
}

async function approve(who: Client, id: string) {
  const { version, hash } = await read(who, id);
  return who.send('POST', `${base}/entries/${id}/approve`, { version, hash });
}

test('proposed, submitted, approved by somebody else: then citizens find it, each step in the audit trail', async () => {
  const { id, thing } = await propose(hospital);
  await save(hospital, id);
  expect((await submit(hospital, id)).status).toBe(200);
  expect((await server.say(anyone(), `${thing}有多少种`))[0]).not.toContain('一共有八种');
  expect((await approve(reviewer, id)).body).toMatchObject({ status: 'published' });
  expect((await server.say(anyone(), `${thing}总共有好多种`))[0]).toContain(`答：${thing}一共有八种。`);
  const page = await fetch(`${server.url}/api/h5/knowledge/${id}`);
  expect(await page.json()).toMatchObject({
    question: `${thing}有多少种`,
    organisation: '示例市第一医院 门诊服务部',
    demo: false,
  });
  for (const act of ['propose', 'edit', 'submit', 'approve'])
    expect((await audited(server, `knowledge.${act}`)).some(({ subject }) => subject === `knowledge:${id}`)).toBe(true);
});

test('what looks personal stops it until somebody has looked; numbers of persons are not even stored', async () => {
  const { id } = await propose(hospital, {
    question: '我叫王小明，走廊几点开门',
    answer: '请打 000-12345601，或王医生 13812345678，身份证 110101199003071234，住平安路100号。',
  });
  const entry = await read(hospital, id);
  expect(entry.content.answer).not.toMatch(/13812345678|110101199003071234/);
  expect(entry.content.answer).toContain('〔手机号〕');
  expect(entry.findings.map(({ title, text }) => `${title} ${text}`)).toEqual([
    '姓名 王小明',
    '固定电话 000-12345601',
    '姓名 王',
    '住址 住平安路100号',
  ]);
  await save(hospital, id);
  const refused = await submit(hospital, id);
  expect([refused.status, error(refused).code]).toEqual([422, 'personal']);
  expect(error(refused).message).toContain('4 处疑似个人信息');
  await save(hospital, id, {
    question: '走廊几点开门呢',
    answer: '请打 000-12345601，平安路100号。',
    cleared: ['000-12345601', '平安路100号'],
  });
  expect((await submit(hospital, id)).status).toBe(200);
  const stored = await server.deps.db.query<{ all: string }>(
    'SELECT (e.*)::text AS all FROM knowledge_entries e WHERE id = $1',
    [id],
  );
  expect(stored[0]!.all).not.toContain('13812345678');
});

test('who submitted or wrote it does not review it, by the route and by the table', async () => {
  await server.deps.db.query(
    `INSERT INTO staff_roles (staff_id, role, organisation_id)
     SELECT s.id, 'clerk', o.id FROM staff s, organisations o WHERE s.username = 'reviewer-health' AND o.key = 'health'`,
  );
  const both = await signIn(server, 'reviewer-health');
  const { id } = await propose(both);
  await save(both, id);
  await submit(both, id);
  expect((await read(both, id)).can.review).toBe(false);
  const own = await approve(both, id);
  expect([own.status, error(own).code]).toEqual([403, 'own-work']);
  await expect(
    server.deps.db.query(
      `UPDATE knowledge_versions SET reviewed_by = submitted_by, outcome = 'approved' WHERE entry_id = $1`,
      [id],
    ),
  ).rejects.toThrow('knowledge_versions_other_eyes');
  expect((await approve(reviewer, id)).status).toBe(200);
});

test('an approval is of the words that were read: another hash, an edit, and what is approved already are refused', async () => {
  const { id } = await propose(hospital);
  await save(hospital, id);
  await submit(hospital, id);
  const seen = await read(reviewer, id);
  const stale = await reviewer.send('POST', `${base}/entries/${id}/approve`, {
    version: seen.version,
    hash: '0'.repeat(64),
  });
  expect([stale.status, error(stale).code]).toEqual([409, 'moved']);
  await save(hospital, id, { answer: '改了：有九种。' });
  const late = await reviewer.send('POST', `${base}/entries/${id}/approve`, {
    version: seen.version,
    hash: seen.hash,
  });
  expect([late.status, error(late).code]).toEqual([409, 'not-submitted']);
  expect((await read(reviewer, id)).versions[0]).toMatchObject({ version: 1, outcome: 'void' });
  await submit(hospital, id);
  const again = await reviewer.send('POST', `${base}/entries/${id}/approve`, {
    version: seen.version,
    hash: seen.hash,
  });
  expect([again.status, error(again).code]).toEqual([409, 'moved']);
  expect((await approve(reviewer, id)).status).toBe(200);
  expect((await approve(reviewer, id)).status).toBe(409);
});

test('a published one stays as it was while its next version is written; withdrawn, it is gone at once', async () => {
  const { id, thing } = await propose(hospital);
  await save(hospital, id);
  await submit(hospital, id);
  await approve(reviewer, id);
  await save(hospital, id, { answer: `${thing}改为九种。` });
  expect(await read(reviewer, id)).toMatchObject({
    status: 'draft',
    live: true,
    before: { answer: `${thing}一共有八种。` },
  });
  expect((await server.say(anyone(), `${thing}有多少种`))[0]).toContain('一共有八种');
  await submit(hospital, id);
  const { version, hash } = await read(reviewer, id);
  await reviewer.send('POST', `${base}/entries/${id}/return`, { version, hash, reason: '请写明周末' });
  expect(await read(hospital, id)).toMatchObject({ status: 'returned', live: true });
  await save(hospital, id, { answer: `${thing}改为九种，周末十种。` });
  await submit(hospital, id);
  await approve(reviewer, id);
  expect((await server.say(anyone(), `${thing}有多少种`))[0]).toContain('周末十种');
  expect((await hospital.send('POST', `${base}/entries/${id}/withdraw`, { reason: '已经停开' })).status).toBe(200);
  expect((await server.say(anyone(), `${thing}有多少种`))[0]).not.toContain('周末十种');
  expect((await fetch(`${server.url}/api/h5/knowledge/${id}`)).status).toBe(404);
  const [counted] = await server.deps.db.query<{ right: boolean }>(
    'SELECT entries = (SELECT count(*) FROM knowledge_published) AS right FROM knowledge_catalogue',
  );
  expect(counted!.right).toBe(true);
});

test('of another house nobody learns anything: not by id, list, search or any act', async () => {
  const { id, thing } = await propose(hospital);
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['PUT', '', { ...(await read(hospital, id)).content, edit: 1 }],
    ['POST', '/submit', { edit: 1 }],
    ['POST', '/withdraw', { reason: '看看有没有' }],
  ] as const)
    expect((await police.send(method, `${base}/entries/${id}${path}`, body)).status).toBe(404);
  for (const query of ['', `?search=${encodeURIComponent(thing)}`, `?search=${id}`]) {
    const { items } = (await police.get(`${base}/list${query}`)).body as { items: { id: string }[] };
    expect(items.map((one) => one.id)).not.toContain(id);
  }
  const found = (await hospital.get(`${base}/list?search=${encodeURIComponent(thing)}`)).body as {
    items: { id: string }[];
  };
  expect(found.items.map((one) => one.id)).toEqual([id]);
  const drafts = async (who: Client) => ((await who.get(`${base}/counts`)).body as { draft: number }).draft;
  const [mine, theirs] = [await drafts(hospital), await drafts(police)];
  await propose(hospital);
  expect([await drafts(hospital), await drafts(police)]).toEqual([mine + 1, theirs]);
  const [police0] = await server.deps.db.query<{ id: number }>(`SELECT id FROM organisations WHERE key = 'police'`);
  const abroad = await hospital.send('POST', `${base}/entries`, {
    question: '写到别人名下',
    answer: '不行不行',
    organisationId: police0!.id,
  });
  expect(abroad.status).toBe(404);
});

test('the list goes on from page to page and leaves nothing out', async () => {
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await reviewer.get(`${base}/list?status=published&limit=50${next ? `&after=${next}` : ''}`);
    const page = body as { items: { id: string }[]; next: string | null };
    seen.push(...page.items.map(({ id }) => id));
    next = page.next;
  }
  const [all] = await server.deps.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM knowledge_entries WHERE status = 'published'`,
  );
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toHaveLength(all!.n);
});

test('from a question: the citizen’s consent goes with it, twice is one, and without consent only a general text is let through', async () => {
  const items = (await hospital.get('/services/questions/list?queue=department')).body as {
    items: { id: string; number: string }[];
  };
  const { number } = items.items[0]!;
  const proposal = { question: '片子的报告在哪里打印', answer: '在自助机上打印。', origin: number };
  const first = (await hospital.send('POST', `${base}/entries`, proposal)).body as { id: string; fresh: boolean };
  const again = (await hospital.send('POST', `${base}/entries`, proposal)).body;
  expect([first.fresh, again]).toEqual([true, { id: first.id, fresh: false }]);
  expect((await police.send('POST', `${base}/entries`, proposal)).status).toBe(404);
  expect(await read(hospital, first.id)).toMatchObject({ agreed: false, content: { basis: null } });
  const undecided = await submit(hospital, first.id);
  expect([undecided.status, error(undecided).code]).toEqual([422, 'no-basis']);
  const claimed = await save(hospital, first.id, { basis: 'agreed' });
  expect([claimed.status, error(claimed).code]).toEqual([422, 'not-agreed']);
  await save(hospital, first.id);
  expect((await submit(hospital, first.id)).status).toBe(200);
});

test('a citizen says once whether it helped, the last word counts, and of what is not published nothing', async () => {
  const { id } = await propose(hospital);
  const openid = anyone();
  const citizen = await signInCitizen(server, openid);
  const say = async (helped: unknown) => (await citizen.post(`/knowledge/${id}/verdict`, { helped })).status;
  expect(await say(true)).toBe(404);
  await save(hospital, id);
  await submit(hospital, id);
  await approve(reviewer, id);
  expect(await Promise.all([say(false), say(false), say('yes')])).toEqual([200, 200, 422]);
  expect(await read(hospital, id)).toMatchObject({ verdicts: { solved: 0, unsolved: 1 } });
  expect(await say(true)).toBe(200);
  expect(await read(hospital, id)).toMatchObject({ verdicts: { solved: 1, unsolved: 0 } });
  expect((await anonymous(server).post(`/knowledge/${id}/verdict`, { helped: true })).status).toBe(401);
});

test('a clerk is offered what is known about a question, with words to send', async () => {
  const { items } = (await police.get('/services/questions/list?queue=department')).body as { items: { id: string }[] };
  const threads = await Promise.all(
    items.map(async ({ id }) => (await police.get(`/services/questions/${id}`)).body as Suggested),
  );
  const lost = threads.find(({ text }) => text.includes('身份证丢了'))!;
  expect(lost.suggestions[0]).toMatchObject({
    title: '身份证丢了人在外地能补吗',
    key: expect.stringMatching(/^knowledge\.entry:/),
  });
  expect(lost.suggestions[0]!.text).toContain('全国通办');
});
type Suggested = { text: string; suggestions: { title: string; text: string; key: string }[] };
