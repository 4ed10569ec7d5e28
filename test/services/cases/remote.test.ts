import { gzipSync } from 'node:zlib';
import { isSpecial } from '../../../src/services/cases/remote/exchange';
import { remoteKey } from '../../../src/services/cases/remote/settings';
import { timeForm } from '../../../src/services/cases/remote/times';
import { limitsKey } from '../../../src/services/cases/tries';
import { encodeGbk } from '../../../src/simulator/gbk';
import { play } from '../../support/chat';
import { anyone } from '../../support/server';
import { addRemote, type BackEnd, describe as described, type FoundOne, type Mine, one, openBackEnd } from './back-end';
import { idCard, type Office, openOffice, step } from './office';

let office: Office;
let end: BackEnd;
let source: Awaited<ReturnType<typeof addRemote>>;
beforeAll(async () => {
  office = await openOffice();
  // Nothing is remembered between questions unless a test says so.
  await office.deps.settings.set(remoteKey, { freshSeconds: 0, pauseSeconds: 1 });
  await office.deps.settings.set(limitsKey, { citizen: 10_000, number: 10_000, address: 10_000 });
});
beforeEach(async () => {
  end = await openBackEnd();
  source = await addRemote(office, described(end.url), { host: end.host });
});
afterEach(async () => {
  await office.db.query('UPDATE case_sources SET disabled_at = created_at WHERE id = $1', [source.id]);
  await end.close();
});
afterAll(() => office?.close());

let order = 0;
const fresh = () => `RM2026${String(++order).padStart(4, '0')}`;
const outcomes = async () => {
  const { values } = await office.deps.metrics.caseSourceCalls.get();
  return Object.fromEntries(
    values.flatMap(({ labels, value }) => (labels.source === source.key ? [[labels.outcome, value]] : [])),
  );
};
const changeDescription = (more: object) =>
  office.db.query(
    `UPDATE case_sources SET settings = jsonb_set(settings, '{description}', settings -> 'description' || $2) WHERE id = $1`,
    [source.id, JSON.stringify(more)],
  );

describe('a back end that answers', () => {
  test('by number: found with the last four or the receipt’s code, shown, opened, and asked for what was written', async () => {
    const [number, { number: id }] = [fresh(), idCard()];
    end.json({ code: '0', data: one(number, id, { receipt: 'XY77', place: '2 号窗口', note: '带照片' }) });
    const citizen = await office.citizen();
    for (const factor of [id.slice(-4), 'xy77']) {
      const { body } = await citizen.post<FoundOne>('/cases/find', { number, factor });
      expect(body).toMatchObject({ item: { number, state: '审核通过', asOf: null }, down: [] });
      expect((await citizen.post('/cases/open', { token: body.item!.token })).body).toMatchObject({
        place: '2 号窗口',
        steps: [{ title: '审核通过', at: '2026-03-01T01:00:00.000Z', note: '带照片' }],
      });
    }
    expect(end.asked[0]).toMatchObject({ method: 'GET', url: `/api/cases/${number}?f=${id.slice(-4)}` });
    expect(await outcomes()).toEqual({ found: 4 });
  });

  test('it may answer with any case and any factor: who does not prove it is theirs reads what they read of none', async () => {
    const [number, other, { number: id }] = [fresh(), fresh(), idCard()];
    const citizen = await office.citizen();
    const answers = new Set<string>();
    for (const answer of [
      { code: '0', data: one(number, id) },
      { code: '0', data: one(number, id, { id: '' }) },
      { code: '0', data: one(number, id, { id: `${id.slice(0, 4)}**********` }) },
      { code: '0', data: one(number, id, { at: 'never' }) },
      { code: '0', data: one(other, `0000${'1234'}`) },
      { code: '0', data: [] },
      { code: '404' },
    ]) {
      end.json(answer);
      const { status, body } = await citizen.post<FoundOne>('/cases/find', { number, factor: '1234' });
      answers.add(JSON.stringify([status, body]));
    }
    expect([...answers]).toEqual([JSON.stringify([200, { item: null, down: [] }])]);
    const heard: string[] = [];
    for (const answer of [{ code: '0', data: one(number, id) }, { code: '404' }]) {
      end.json(answer);
      const openid = anyone();
      await play(office.server, openid, `查 ${number}`);
      heard.push(await play(office.server, openid, '1234'));
    }
    expect(heard[0]).toMatch(/^没有查到/);
    expect(heard[1]).toBe(heard[0]);
  });

  test('a state that every object has as a name is a state nobody has words for', async () => {
    const [number, { number: id }] = [fresh(), idCard()];
    end.json({ code: '0', data: one(number, id, { state: 'constructor' }) });
    const { body } = await (await office.citizen()).post<FoundOne>('/cases/find', { number, factor: id.slice(-4) });
    expect(body).toMatchObject({ item: { number, state: 'constructor' }, down: [] });
  });

  test('one’s own: asked with the document, and only what is theirs is listed', async () => {
    const [self, stranger] = [idCard(), idCard()];
    const masked = `${self.number.slice(0, 6)}********${self.number.slice(-4)}`;
    const [mine, hidden, theirs] = [fresh(), fresh(), fresh()];
    end.json({ code: '0', data: [one(mine, self.number), one(hidden, masked), one(theirs, stranger.number)] });
    const { body } = await (await office.citizen(self)).get<Mine>('/cases');
    expect(body.items.map(({ number }) => number).sort()).toEqual([mine, hidden].sort());
    expect(end.asked[0]!.url).toBe(`/api/cases?id=${self.number}&type=id-card`);
  });

  test('XML in GBK, with steps and attributes, by a form with a secret; a number cannot leave its place', async () => {
    const [number, { number: id }] = [fresh(), idCard()];
    await changeDescription({
      auth: { kind: 'header', name: 'X-Key' },
      format: 'xml',
      byNumber: {
        method: 'POST',
        path: '/q',
        query: {},
        body: { type: 'xml', text: '<q><bh>{number}</bh></q>' },
        cases: 'r.bj',
      },
      result: null,
      mapping: {
        ...described('').mapping,
        state: '',
        at: '',
        number: 'bh',
        document: 'zj',
        steps: { list: 'step', state: '@.st', at: 'sj', note: 'bz' },
        time: { format: 'yyyy年MM月dd日', zone: '+08:00' },
      },
    });
    await office.db.query(`UPDATE case_sources SET settings = settings || $2 WHERE id = $1`, [
      source.id,
      JSON.stringify({ secretSealed: office.deps.encryption.seal('a secret') }),
    ]);
    const steps =
      '<step st="B"><sj>2026年3月1日</sj></step><step st="A"><sj>2026年02月20日</sj><bz>网上受理</bz></step>';
    end.bytes(
      encodeGbk(
        `<?xml version="1.0" encoding="GB2312"?><x:r xmlns:x="urn:x"><bj><bh>${number}</bh><zj>${id}</zj>${steps}</bj></x:r>`,
      ),
      { 'content-type': 'text/xml' },
    );
    const citizen = await office.citizen();
    const { body } = await citizen.post<FoundOne>('/cases/find', { number, factor: id.slice(-4) });
    expect((await citizen.post('/cases/open', { token: body.item!.token })).body).toMatchObject({
      steps: [
        { title: '已受理', at: '2026-02-19T16:00:00.000Z', note: '网上受理' },
        { title: '审核通过', at: '2026-02-28T16:00:00.000Z' },
      ],
    });
    expect(end.asked[0]).toMatchObject({
      method: 'POST',
      url: '/api/q',
      headers: { 'x-key': 'a secret', 'content-type': 'text/xml; charset=utf-8' },
      body: `<q><bh>${number}</bh></q>`,
    });
  });
});

describe('answers that are refused', () => {
  const doctype = '<!DOCTYPE r [<!ENTITY a "b">]><r><no>&a;</no></r>';
  const bad: [string, string, (to: BackEnd) => void, object?][] = [
    ['longer than 1 MB', 'too-large', (to) => to.bytes(Buffer.alloc(1024 * 1024 + 1, 32))],
    ['no JSON', 'format', (to) => to.bytes('<html>')],
    ['nested without end', 'format', (to) => to.bytes(`${'['.repeat(100_000)}`)],
    ['a text that does not end', 'format', (to) => to.bytes(`"${'\\"'.repeat(500_000)}`)],
    [
      'another charset than it says',
      'charset',
      (to) => to.bytes(encodeGbk('{"code":"中文"}'), { 'content-type': 'application/json; charset=utf-8' }),
    ],
    [
      'a charset nobody knows',
      'charset',
      (to) => to.bytes('{}', { 'content-type': 'application/json; charset=klingon' }),
    ],
    ['a redirect', 'redirect', (to) => to.bytes('', { location: 'http://169.254.169.254/' }, 302)],
    ['packed', 'packed', (to) => to.bytes(gzipSync('{}'), { 'content-encoding': 'gzip' })],
    ['a DOCTYPE', 'doctype', (to) => to.bytes(doctype), { format: 'xml' }],
    ['half an XML', 'format', (to) => to.bytes('<r><no>1'), { format: 'xml' }],
    ['a code that is no success', 'refused', (to) => to.json({ code: '9' })],
    ['HTTP 403', 'status', (to) => to.bytes('', {}, 403)],
    ['HTTP 500, twice', 'status', (to) => to.bytes('', {}, 500)],
    ['a connection that breaks', 'disconnected', (to) => to.behave((_asked, response) => void response.destroy())],
  ];
  test.each(bad)('%s', async (_name, outcome, behave, description = {}) => {
    await changeDescription(description);
    behave(end);
    const citizen = await office.citizen();
    const { status, body } = await citizen.post<FoundOne>('/cases/find', { number: fresh(), factor: '1234' });
    expect([status, body]).toEqual([200, { item: null, down: [source.title] }]);
    expect(await outcomes()).toEqual({ [outcome]: 1 });
  });

  test('a form of time whose parts are not each whole and once', () => {
    const forms = ['yyyy-MM-dd H:mm', 'yyyy-yyyy-MM-dd', 'MM-dd', 'yyyyMMddHHmmss', 'yyyy年MM月dd日 HH:mm'];
    expect(forms.filter((format) => timeForm.safeParse({ format }).success)).toEqual(forms.slice(3));
  });

  test('this machine, the link and the metadata of clouds, unless it is allowed by name', async () => {
    await addRemote(office, described(end.url.replace('127.0.0.1', 'localhost')), {}).then(({ id }) => {
      source = { ...source, id };
    });
    await office.db.query(`UPDATE case_sources SET disabled_at = created_at WHERE adapter = 'remote' AND id <> $1`, [
      source.id,
    ]);
    end.json({ code: '404' });
    const { body } = await (await office.citizen()).post<FoundOne>('/cases/find', { number: fresh(), factor: '1234' });
    expect(body.down).toHaveLength(1);
    expect(end.asked).toEqual([]);
    const refused = [
      '127.0.0.1',
      '169.254.169.254',
      '100.100.100.200',
      '168.63.129.16',
      '0.0.0.0',
      '::1',
      '::',
      'fe80::1',
      '::ffff:127.0.0.1',
      '::ffff:a9fe:a9fe',
      'fd00:ec2::254',
    ];
    expect(refused.filter((address) => !isSpecial(address))).toEqual([]);
    expect(['10.1.2.3', '192.168.1.1', '172.16.0.9', '100.64.0.1', 'fd12::1'].filter(isSpecial)).toEqual([]);
  });
});

describe('a back end that does not answer', () => {
  test('hangs: the reply comes all the same, with what the others know, and says of what time its own is', async () => {
    const document = idCard();
    const [theirs, ours] = [fresh(), fresh()];
    await office.store(office.police, step(ours, 'accepted', '2026-03-01 10:00', { document }));
    end.json({ code: '0', data: [one(theirs, document.number)] });
    const citizen = await office.citizen(document);
    expect((await citizen.get<Mine>('/cases')).body).toMatchObject({ down: [] });
    await play(office.server, citizen.openid, '[关注]');
    office.setTime('2026-03-02T10:32:00+08:00');
    end.hang();
    const [{ body }, chat] = await Promise.all([
      citizen.get<Mine>('/cases'),
      play(office.server, citizen.openid, '办件进度'),
    ]);
    expect(body).toMatchObject({ down: [source.title] });
    expect(body.items.map(({ number, asOf }) => [number, asOf?.office ?? null])).toEqual([
      [ours, null],
      [theirs, source.title],
    ]);
    expect(chat).toContain(`普通护照（审核通过，10:00时）`);
    expect(chat).toContain(`${source.title}暂时没有应答`);
    const shown = await play(office.server, citizen.openid, '2');
    expect(shown).toContain(`${source.title}暂时没有应答，10:00时为：\n普通护照（${theirs}）\n现在：审核通过`);
    const { token } = body.items[1]!;
    expect((await citizen.post('/cases/open', { token })).body).toMatchObject({ asOf: { office: source.title } });
    office.setTime('2026-03-06T10:32:00+08:00');
    const later = await office.citizen(document);
    expect((await later.get<Mine>('/cases')).body.items.map(({ number }) => number)).toEqual([ours]);
    office.setTime('2026-03-02T10:00:00+08:00');
  }, 60_000);

  test('what was found with one factor stands in for that one alone', async () => {
    const [number, { number: id }] = [fresh(), idCard()];
    end.json({ code: '0', data: one(number, id) });
    const citizen = await office.citizen();
    await citizen.post('/cases/find', { number, factor: id.slice(-4) });
    end.bytes('', {}, 500);
    const find = async (factor: string) => (await citizen.post<FoundOne>('/cases/find', { number, factor })).body;
    expect(await find(id.slice(-4))).toMatchObject({ item: { number }, down: [source.title] });
    expect(await find('0000')).toEqual({ item: null, down: [source.title] });
    const kept = await office.db.query<{ cases_sealed: string }>(
      'SELECT * FROM case_remote_answers WHERE source_id = $1',
      [source.id],
    );
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(number);
  });

  test('once more after a failure that passes; left alone after five in a row, and asked again after a while', async () => {
    const number = fresh();
    const citizen = await office.citizen();
    const find = async () => (await citizen.post<FoundOne>('/cases/find', { number, factor: '1234' })).body;
    let failures = 1;
    end.behave((_asked, response) => void response.writeHead(failures-- > 0 ? 503 : 404).end());
    expect(await find()).toEqual({ item: null, down: [] });
    expect(end.asked).toHaveLength(2);

    end.bytes('', {}, 503);
    for (let each = 0; each < 5; each++) expect(await find()).toEqual({ item: null, down: [source.title] });
    const before = end.asked.length;
    expect(await find()).toEqual({ item: null, down: [source.title] });
    expect([end.asked.length, await outcomes()]).toEqual([before, { none: 1, status: 5, paused: 1 }]);

    end.bytes('', {}, 404);
    let answered = await find();
    while (answered.down.length > 0) answered = await find();
    expect(end.asked).toHaveLength(before + 1);
  }, 60_000);
});
