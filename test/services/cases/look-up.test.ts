import { unbindPerson } from '../../../src/people/identity/leave';
import { limitsKey } from '../../../src/services/cases/tries';
import { play } from '../../support/chat';
import { anyone } from '../../support/server';
import { idCard, type Office, openOffice, step } from './office';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office?.close());

type Mine = {
  known: boolean;
  items: { token: string; number: string; state: string; person: string | null }[];
  down: string[];
};
type FoundOne = { item: { token: string; number: string; state: string } | null; down: string[] };

describe('one’s own', () => {
  test('those of oneself and of the family, over all offices, the latest first; nobody else’s', async () => {
    const [self, child, stranger] = [idCard(), idCard(), idCard()];
    await office.store(office.police, step('MY20260001', 'accepted', '2026-02-20 10:00', { document: self }));
    await office.store(
      office.hospital,
      step('MY20260002', 'ordered', '2026-02-25 10:00', { document: child, kind: 'medical-report' }),
    );
    await office.store(office.police, step('NO20260003', 'accepted', '2026-02-26 10:00', { document: stranger }));
    const citizen = await office.citizen(self);
    await office.bind(citizen.openid, child, 'child', '示例小朋友');
    const { body } = await citizen.get<Mine>('/cases');
    expect(body.items.map(({ number, state, person }) => [number, state, person])).toEqual([
      ['MY20260002', '已登记', '示***友'],
      ['MY20260001', '已受理', null],
    ]);
    expect(body).toMatchObject({ known: true, down: [] });
    expect((await (await office.citizen()).get<Mine>('/cases')).body).toEqual({ known: false, items: [], down: [] });
  });

  test('in the chat all of them, as many at a time as a message holds', async () => {
    const document = idCard();
    const many = Array.from({ length: 20 }, (_, n) => `MN202600${String(n).padStart(2, '0')}`);
    await office.store(
      office.police,
      ...many.map((number) => step(number, 'accepted', '2026-02-20 10:00', { document })),
    );
    const openid = anyone();
    await office.bind(openid, document);
    const [first] = await office.server.say(openid, '我的办件');
    expect(first).toMatch(/14\. 普通护照（已受理）\n15\. 更多……\n16\. 按编号查/);
    const [rest] = await office.server.say(openid, '15');
    expect(rest).toMatch(/6\. 普通护照（已受理）\n7\. 按编号查/);
    // What was to come is there no more, yet others are.
    await office.server.say(openid, '我的办件');
    await office.db.query(`DELETE FROM cases WHERE number LIKE 'MN2026001%'`);
    const [begun] = await office.server.say(openid, '15');
    expect(begun).toMatch(/^您的办件：\n1\. 普通护照（已受理）\n(?:.+\n)+10\. 普通护照（已受理）\n11\. 按编号查/);
  });

  test('what opens a case opens it for nobody else, and no longer once that person is unbound', async () => {
    const document = idCard();
    await office.store(office.police, step('TK20260001', 'accepted', '2026-02-20 10:00', { document }));
    const citizen = await office.citizen();
    const personId = await office.bind(citizen.openid, document, 'parent');
    const token = (await citizen.get<Mine>('/cases')).body.items[0]!.token;
    expect((await citizen.post('/cases/open', { token })).body).toMatchObject({ number: 'TK20260001', late: false });
    for (const wrong of [token.slice(1), `${token}A`, token.toUpperCase(), 'x'])
      expect((await citizen.post('/cases/open', { token: wrong })).status).toBe(404);
    const other = await office.citizen(document);
    expect((await other.post('/cases/open', { token })).status).toBe(404);
    expect((await other.post('/cases/follow', { token, follow: true })).status).toBe(404);

    await citizen.post('/cases/follow', { token, follow: true });
    await office.db.transaction((tx) =>
      unbindPerson(tx, { accountId: office.accountId, openid: citizen.openid }, personId, office.deps.clock.now()),
    );
    expect((await citizen.post('/cases/open', { token })).status).toBe(404);
    await office.store(office.police, step('TK20260001', 'approved', '2026-02-21 10:00'));
    expect(await office.told(citizen.openid)).toEqual([]);
  });
});

describe('by number', () => {
  test('with the last four of the document or the code on the receipt, however it is typed', async () => {
    const document = idCard();
    await office.store(office.police, step('NR20260001', 'accepted', '2026-02-20 10:00', { document, code: 'A1B2C3' }));
    const citizen = await office.citizen();
    for (const [number, factor] of [
      ['NR20260001', document.number.slice(-4)],
      ['nr-2026 0001', document.number.slice(-4).toLowerCase()],
      ['ＮＲ２０２６０００１', 'a1b2c3'],
    ]) {
      const { body } = await citizen.post<FoundOne>('/cases/find', { number, factor });
      expect(body).toMatchObject({ item: { number: 'NR20260001', state: '已受理' } });
      expect((await citizen.post('/cases/open', { token: body.item!.token })).status).toBe(200);
    }
    const { status, body } = await citizen.post('/cases/find', { number: 'N1', factor: '1' });
    expect([status, body.error?.fields]).toEqual([
      422,
      { number: '编号应为 6 到 32 位', factor: '应为证件号的最后 4 位，或回执上的查询码' },
    ]);
  });

  test('a wrong factor and a number that is none: the same answer byte for byte, by the same statements', async () => {
    await office.store(
      office.police,
      step('WK20260001', 'accepted', '2026-02-20 10:00', { document: idCard(), code: 'RIGHT1' }),
    );
    const citizen = await office.citizen();
    const statements = [jest.spyOn(office.db, 'query'), jest.spyOn(office.db, 'named')];
    const outcomes = [];
    for (const number of ['WK20260001', 'WK20269999']) {
      for (const each of statements) each.mockClear();
      const { status, body } = await citizen.post<FoundOne>('/cases/find', { number, factor: '1234' });
      const asked = statements.flatMap((each) =>
        each.mock.calls.map((call) => call.filter((part) => typeof part === 'string').join(' ')),
      );
      outcomes.push({ status, body, asked: asked.filter((sql) => /\bcase/.test(sql)).sort() });
    }
    for (const each of statements) each.mockRestore();
    expect(outcomes[0]).toMatchObject({ status: 200, body: { item: null, down: [] } });
    expect(outcomes[0]!.asked.length).toBeGreaterThan(2);
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  test('in the chat as well: the answers differ in nothing but the number that was typed', async () => {
    await office.store(office.police, step('CH20260001', 'accepted', '2026-02-20 10:00', { code: 'RIGHT1' }));
    const heard = [];
    for (const number of ['CH20260001', 'CH20269999']) {
      const openid = anyone();
      await play(office.server, openid, `查 ${number}`);
      heard.push((await play(office.server, openid, '1234')).replaceAll(number, 'NUMBER'));
    }
    expect(heard[0]).toMatch(/^没有查到/);
    expect(heard[1]).toBe(heard[0]);
  });

  test('whoever guesses is stopped: each citizen, each number whether it is one or not, each address; all at once too', async () => {
    await office.deps.settings.set(limitsKey, { citizen: 5, number: 8, address: 1000 });
    await office.store(office.police, step('GS20260001', 'accepted', '2026-02-20 10:00', { code: 'RIGHT1' }));
    const guesser = await office.citizen();
    const guess = (number: string, factor: string) => guesser.post<FoundOne>('/cases/find', { number, factor });
    const first = await Promise.all(Array.from({ length: 20 }, (_, index) => guess('GS20260001', `${2000 + index}`)));
    expect(first.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(first.filter(({ status }) => status === 429)).toHaveLength(15);
    // Even the right one is not let through now, or it would be known to be right.
    expect(await guess('GS20260001', 'RIGHT1')).toMatchObject({ status: 429 });

    for (const number of ['GS20260001', 'GS20269999']) {
      const statuses = [];
      for (let each = 0; each < 10; each++)
        statuses.push((await (await office.citizen()).post('/cases/find', { number, factor: '0000' })).status);
      const counted = number === 'GS20260001' ? 3 : 8;
      expect(statuses).toEqual([...Array(counted).fill(200), ...Array(10 - counted).fill(429)]);
    }
    // Who finds theirs is not counted.
    await office.store(office.police, step('GS20260002', 'accepted', '2026-02-20 10:00', { code: 'RIGHT2' }));
    const owner = await office.citizen();
    for (let each = 0; each < 12; each++)
      expect((await owner.post('/cases/find', { number: 'GS20260002', factor: 'RIGHT2' })).status).toBe(200);

    await office.deps.settings.set(limitsKey, { citizen: 1000, number: 1000, address: 3 });
    const statuses = [];
    for (let each = 0; each < 5; each++)
      statuses.push(
        (await (await office.citizen()).post('/cases/find', { number: `AD2026000${each}`, factor: '0000' })).status,
      );
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(2);
    await office.deps.settings.set(limitsKey, {});
  });
});
