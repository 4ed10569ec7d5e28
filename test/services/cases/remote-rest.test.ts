import { deliverRest } from '../../../src/services/cases/remote/rest';
import { remoteKey } from '../../../src/services/cases/remote/settings';
import { pollWatches } from '../../../src/services/cases/remote/watch';
import { play, readChat } from '../../support/chat';
import { anyone } from '../../support/server';
import { addRemote, type BackEnd, describe as described, openBackEnd } from './back-end';
import { idCard, type Office, openOffice } from './office';

let office: Office;
let end: BackEnd;
let source: Awaited<ReturnType<typeof addRemote>>;
beforeAll(async () => {
  office = await openOffice();
});
beforeEach(async () => {
  await office.deps.settings.set(remoteKey, { freshSeconds: 0, pauseSeconds: 1 });
  end = await openBackEnd();
  source = await addRemote(office, described(end.url), { host: end.host });
});
afterEach(async () => {
  await office.db.query('UPDATE case_sources SET disabled_at = created_at WHERE id = $1', [source.id]);
  await office.db.query('DELETE FROM case_watches');
  await end.close();
  office.setTime('2026-03-02T10:00:00+08:00');
});
afterAll(() => office?.close());

let order = 0;
const fresh = () => `RS2026${String(++order).padStart(4, '0')}`;
const step = (no: string, id: string, state: string, at: string) => ({ no, id, state, at: `2026-03-${at}` });
const rest = async (openid: string) =>
  (
    await office.db.query<{ sealed: string; not_before: Date | null }>(
      `SELECT sealed, not_before FROM deliveries WHERE openid = $1 AND source = 'cases:rest' ORDER BY id`,
      [openid],
    )
  ).map(({ sealed, not_before }) => ({
    text: (JSON.parse(office.deps.encryption.open(sealed)) as { message: { content: string } }).message.content,
    notBefore: not_before,
  }));
const bothProcesses = (work: (deps: Office['deps']) => Promise<void>) =>
  Promise.all([work(office.deps), work(office.deps)]);

/** A conversation word for word, as in test/chats. */
async function chat(openid: string, script: string): Promise<void> {
  for (const { act, reply } of readChat(script)) expect(await play(office.server, openid, act)).toBe(reply);
}

test('the part that was missing follows once it is there: once, whoever asks for it, and not at night', async () => {
  const [number, { number: id }] = [fresh(), idCard()];
  const openid = anyone();
  await chat(
    openid,
    `> [关注]\n${await play(office.server, openid, '[关注]')}\n> 查 ${number}\n为了只让本人看到，请再输入申请人证件号的最后 4 位，或回执上的查询码：\n`,
  );
  end.hang();
  expect(await play(office.server, openid, id.slice(-4))).toBe(
    `没有查到，请核对编号 ${number} 和后 4 位（或查询码）是否都对。\n${source.title}暂时没有应答，一有应答就告诉您。\n回复「按编号查」再查一次；实名之后回复「我的办件」可以直接看自己的。`,
  );
  end.bytes('', {}, 500);
  await deliverRest(office.deps);
  expect(await rest(openid)).toEqual([]);
  end.json({ code: '0', data: step(number, id, 'C', '01') });
  office.setTime('2026-03-02T10:02:00+08:00');
  await bothProcesses(deliverRest);
  await deliverRest(office.deps);
  const [told, ...more] = await rest(openid);
  expect(more).toEqual([]);
  expect(told!.notBefore).toBeNull();
  expect(told!.text).toContain(`${source.title}现在应答了：\n· 普通护照（${number}）可领取`);

  // By night it waits for the morning; a wrong factor learns what it learns at once.
  office.setTime('2026-03-02T22:10:00+08:00');
  end.hang();
  await play(office.server, openid, `查 ${number}`);
  await play(office.server, openid, '0000');
  end.json({ code: '0', data: step(number, id, 'C', '01') });
  await deliverRest(office.deps);
  expect((await rest(openid))[1]).toEqual({
    text: `${source.title}现在应答了：没有查到，请核对编号 ${number} 和后 4 位（或查询码）是否都对。`,
    notBefore: new Date('2026-03-03T08:00:00+08:00'),
  });
}, 60_000);

test('who has got the answer meanwhile is not told again; an office that never answers is given up in words', async () => {
  const document = idCard();
  const { openid } = await office.citizen(document);
  await play(office.server, openid, '[关注]');
  end.hang();
  expect(await play(office.server, openid, '办件进度')).toContain(`${source.title}暂时没有应答，一有应答就告诉您。`);
  end.json({ code: '0', data: [step(fresh(), document.number, 'A', '01')] });
  expect(await play(office.server, openid, '办件进度')).toContain('普通护照（已受理）');
  await deliverRest(office.deps);
  expect(await rest(openid)).toEqual([]);

  end.bytes('', {}, 500);
  await play(office.server, openid, '办件进度');
  office.setTime('2026-03-02T10:11:00+08:00');
  await bothProcesses(deliverRest);
  expect((await rest(openid)).map(({ text }) => text)).toEqual([`${source.title}还是没有应答，请晚些时候再查。`]);
}, 60_000);

describe('followed cases', () => {
  async function followed(number: string, id: string) {
    const citizen = await office.citizen();
    const found = await citizen.post<{ item: { token: string } }>('/cases/find', { number, factor: id.slice(-4) });
    const { token } = found.body.item;
    await citizen.post('/cases/follow', { token, follow: true });
    return { ...citizen, token };
  }
  const titles = async (openid: string) => (await office.told(openid)).map(({ title }) => title);
  const watches = () =>
    office.db.query<{ number: string; next_at: Date | null; failures: number }>(
      'SELECT number, next_at, failures FROM case_watches ORDER BY number',
    );

  test('are looked at again: each step is told once, whichever process looks; until the case has ended', async () => {
    await office.db.query(
      `UPDATE case_sources SET settings = jsonb_set(settings, '{description,mapping,steps}', $2) WHERE id = $1`,
      [source.id, JSON.stringify({ list: 'steps', state: 's', at: 't', note: '' })],
    );
    const [number, { number: id }] = [fresh(), idCard()];
    const answer = (...steps: [string, string][]) =>
      end.json({ code: '0', data: { no: number, id, steps: steps.map(([s, day]) => ({ s, t: `2026-03-${day}` })) } });
    answer(['A', '01']);
    const { openid } = await followed(number, id);
    await pollWatches(office.deps);
    expect(await titles(openid)).toEqual([]);
    answer(['A', '01'], ['B', '02'], ['C', '03']);
    await pollWatches(office.deps);
    expect(await titles(openid)).toEqual([]);
    office.setTime('2026-03-02T11:00:00+08:00');
    await bothProcesses(pollWatches);
    expect(await titles(openid)).toEqual(['普通护照：审核通过', '普通护照：可领取']);
    office.setTime('2026-03-02T12:00:00+08:00');
    await pollWatches(office.deps);
    expect(await titles(openid)).toHaveLength(2);
    expect(JSON.stringify(await office.db.query('SELECT * FROM case_follows'))).not.toContain(`"${id.slice(-4)}"`);

    await office.db.query(
      `UPDATE case_sources SET settings = jsonb_set(settings, '{description,mapping,kinds,*,states,D}', '"collected"') WHERE id = $1`,
      [source.id],
    );
    answer(['A', '01'], ['B', '02'], ['C', '03'], ['D', '04']);
    office.setTime('2026-03-02T13:00:00+08:00');
    await pollWatches(office.deps);
    expect(await titles(openid)).toHaveLength(3);
    expect(await watches()).toMatchObject([{ number, next_at: null }]);
  });

  test('so many a minute of one back end; one that fails is asked more seldom; who no longer follows costs nothing', async () => {
    const { settings } = office.deps;
    await settings.set(remoteKey, { ...settings.get(remoteKey, {}), pollsPerMinute: 2 });
    const { number: id } = idCard();
    const citizens = [];
    for (const number of [fresh(), fresh(), fresh()]) {
      end.json({ code: '0', data: step(number, id, 'A', '01') });
      citizens.push(await followed(number, id));
    }
    const before = end.asked.length;
    end.bytes('', {}, 403);
    await bothProcesses(pollWatches);
    expect(end.asked).toHaveLength(before + 2);
    office.setTime('2026-03-02T10:01:30+08:00');
    await bothProcesses(pollWatches);
    expect(end.asked).toHaveLength(before + 3);
    const now = office.deps.clock.millis();
    for (const { failures, next_at } of await watches()) {
      expect(failures).toBe(1);
      expect(next_at!.getTime()).toBeGreaterThan(now + 40 * 60_000);
    }
    for (const citizen of citizens) await citizen.post('/cases/follow', { token: citizen.token, follow: false });
    for (const time of ['13:00', '13:02']) {
      office.setTime(`2026-03-02T${time}:00+08:00`);
      await pollWatches(office.deps);
    }
    expect(await watches()).toEqual([]);
    expect(end.asked).toHaveLength(before + 3);
  });
});
