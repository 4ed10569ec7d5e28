import { answersTo } from '../../../src/dialogue/contributions';
import { signIn } from '../../console/client';
import { signInCitizen } from '../../h5/citizen-client';
import { anyone } from '../../support/server';
import { bookTo, citizen, heard, openChatHall, server, talk } from './chat-hall';
import { at } from './hall';

openChatHall();

test('预约 → 科室 → 医生 → 日期 → 时段 → 为谁 → 确认，再看，再取消', async () => {
  const openid = await citizen();
  await talk(openid, [
    [
      '预约',
      `
请选择科室或窗口：
1. 示例市第一医院 门诊服务部
2. 示例市妇幼保健院 门诊服务部
3. 示例市公安局 户政大队
4. 示例市公安局 出入境管理支队
5. 示例市公安局 车辆管理所
6. 示例市公安局 城东派出所
7. 示例市公安局 城西派出所`,
    ],
    [
      '1',
      `
请选择医生或窗口：
1. 内科示例医生甲 主任医师（最早3月2日 周一（今天））
2. 内科示例医生乙 副主任医师（最早3月3日 周二（明天））
3. 外科示例医生丙 主治医师（最早3月2日 周一（今天））
4. 发热门诊 普通号（最早3月2日 周一（今天））`,
    ],
    [
      '2',
      `
请选择日期：
1. 3月3日 周二（明天） 余 48
2. 3月5日 周四 余 48
3. 3月10日 周二 余 48
4. 3月12日 周四 余 48`,
    ],
    [
      '2',
      `
请选择时段：
1. 08:30-09:00 余 4
2. 09:00-09:30 余 4
3. 09:30-10:00 余 4
4. 10:00-10:30 余 4
5. 10:30-11:00 余 4
6. 11:00-11:30 余 4
7. 14:00-14:30 余 4
8. 14:30-15:00 余 4
9. 15:00-15:30 余 4
10. 15:30-16:00 余 4
11. 16:00-16:30 余 4
12. 16:30-17:00 余 4`,
    ],
    ['1', '为谁预约？\n1. 示**民（本人）'],
    [
      '1',
      `
示**民（本人）
内科示例医生乙 副主任医师
3月5日 周四 08:30-09:00
示例市第一医院 门诊服务部 门诊楼 2 层
2026-03-05 08:00 前可以取消，不来又不取消会记爽约。
回复 1 确认预约，回复 0 取消。`,
    ],
    [
      '1',
      `
预约成功，编号 {{code}}。
内科示例医生乙 副主任医师
2026-03-05 08:30
示例市第一医院 门诊服务部 门诊楼 2 层
请提前 15 到 30 分钟到场，出示编号或凭证：
{{url}}/h5/?account=demo#/appointments/{{id}}
回复「我的预约」可以查看或取消。`,
    ],
    ['我的预约', '您的预约：\n1. 03-05 08:30 内科示例医生乙 副主任医师（已预约）\n回复序号查看。'],
    [
      '1',
      `
预约 {{code}}（已预约）
示**民
内科示例医生乙 副主任医师
2026-03-05 08:30
示例市第一医院 门诊服务部 门诊楼 2 层
凭证：{{url}}/h5/?account=demo#/appointments/{{id}}
1. 取消这个预约
回复序号查看。`,
    ],
    ['1', '内科示例医生乙 副主任医师 2026-03-05 08:30\n回复 1 取消这个预约，回复 0 保留。'],
    ['1', '预约 {{code}} 已取消，不会记爽约。'],
    ['我的预约', '您现在没有预约。回复「预约」开始预约。'],
    ['取消预约', '您现在没有可以取消的预约。已过网上取消时间的，请联系该部门。'],
  ]);
});

test('anyone sees a department’s times of a day: each doctor with their own, and who is not there that day not at all', async () => {
  type Day = { items: { id: number; title: string; slots: { startsAt: string; free: number }[] }[] };
  const [office] = await server.deps.db.query<{ id: number }>(
    `SELECT id FROM organisations WHERE key = 'hospital-first-desk'`,
  );
  const read = async (day: string) =>
    (await (await fetch(`${server.url}/api/h5/appointments/offices/${office!.id}/days/${day}`)).json()) as Day;
  const tuesday = await read('2026-03-10');
  expect(tuesday.items.map(({ title }) => title)).toEqual(['内科示例医生乙', '外科示例医生丙', '发热门诊']);
  expect(tuesday.items.map(({ slots }) => [slots.length, slots[0]])).toMatchObject([
    [12, { startsAt: '2026-03-10T00:30:00.000Z', free: 4 }],
    [12, { startsAt: '2026-03-10T00:30:00.000Z', free: 4 }],
    [12, { startsAt: '2026-03-10T00:30:00.000Z', free: 8 }],
  ]);
  expect(await read('2026-03-01')).toEqual({ items: [] });
});

test('a time that could not be cancelled any more says so before it is booked, and afterwards offers no way to cancel', async () => {
  const openid = await citizen();
  const { clock } = server.deps;
  const before = clock.offset;
  clock.offset = at('2026-03-02 14:10').getTime() - Date.now();
  try {
    await bookTo(openid, '预约', '1', '1', '1', '1');
    const asked = await heard(openid, '1');
    expect(asked).toContain('14:30-15:00');
    expect(asked).toContain('这个时段已经不能在网上取消，约了不来会记爽约。');
    await bookTo(openid, '1', '我的预约');
    const shown = await heard(openid, '1');
    expect(shown).toContain('已过网上取消的时间，不能来的请联系该部门。');
    expect(shown).not.toContain('取消这个预约');
    expect(await heard(openid, '取消预约')).toContain('您现在没有可以取消的预约。');
    // Its very name is said, which stands in the label of what was listed, too.
    await bookTo(openid, '我的预约');
    expect(await heard(openid, '预约')).toContain('请选择科室或窗口');
  } finally {
    clock.offset = before;
  }
});

test('what is said in a sentence of one’s own leads there, too', async () => {
  const openid = await citizen();
  expect(await heard(openid, '明天上午内科有号吗')).toContain('请选择科室或窗口');
  await heard(openid, '取消');
  expect(await heard(openid, '我想挂号')).toMatch(/\n1\. 预约挂号办事\n/);
  expect(await heard(openid, '我约了什么时候')).toBe('您现在没有预约。回复「预约」开始预约。');
  expect(await heard(openid, '取消我的预约')).toMatch(/\n1\. 取消预约\n/);
});

test.each([
  [
    'nothing',
    `退税账号怎么改，退役军人证号丢了，怎么取消车牌号，户口本大约多久能改，租房合约到期怎么改地址，节约用水怎么改造，我挂失的身份证，
     手机号有号段限制吗，悬挂临时号牌，挂车号牌怎么补，没有号牌怎么上路，取消手机号绑定，我的电动车挂了牌，
     我要投诉地铁施工进度太慢，修路进展怎么样，结婚登记走哪了，附近医院半夜施工太吵`,
  ],
  ['appointments.cancel', '取消我的预约，取消明天内科的号，取消我挂的号，退号，退掉我的预约号，退明天上午的号'],
  ['appointments.mine', '我约了什么时候，我挂的号，我挂了哪个科，预约能改吗，挂号以后怎么改到下午，约的时间想改，改期'],
  [
    'appointments.book',
    '明天上午内科有号吗，我想挂号，挂内科的号，挂儿科门诊号，我想替我妈挂个号，约个专家的号，几点放号，专家号',
  ],
  ['cases', '护照办到哪一步了，身份证办好了没有，我的护照走到哪了，办到哪了，护照进度'],
  ['nearby.find', '离我最近的派出所，附近有没有医院'],
])('what leads to %s, and what only sounds like it', async (key, sentences) => {
  const { serviceDeps: deps, accounts, clock } = server.deps;
  const ctx = { deps, account: accounts.byKey('demo')!, openid: anyone(), at: clock.now() };
  for (const said of sentences.split(/，\s*/)) {
    const led = (await answersTo(said, ctx)).filter((hit) => /^(?:appointments\.|cases$|nearby\.)/.test(hit.key));
    expect([said, led[0]?.key ?? 'nothing']).toEqual([said, key]);
  }
});

test('who is not known by name is led to the page for it', async () => {
  const openid = await citizen({ bound: false });
  expect(await heard(openid, '挂号')).toBe(
    `预约须实名，请先登记自己或家人（约一分钟），登记完接着选时间：
{{url}}/h5/?account=demo#/me/persons/new?back=%2Fappointments
只想看看哪天有号：{{url}}/h5/?account=demo#/appointments`,
  );
});

test('a time that has just gone is told, and the others are on offer', async () => {
  const [one, two] = [await citizen(), await citizen()];
  await bookTo(one, '预约', '1', '1', '2', '1', '1');
  await server.deps.db.query('UPDATE appointment_slots SET capacity = taken + 1 WHERE starts_at = $1', [
    at('2026-03-04 08:30'),
  ]);
  await bookTo(two, '预约', '1', '1', '2', '1', '1', '1');
  expect((await heard(one, '1')).split('\n').slice(0, 3)).toEqual([
    '该时段刚被约满，请另选',
    '请选择时段：',
    '1. 09:00-09:30 余 3',
  ]);
  expect(await heard(one, '我的预约')).toContain('请回复 1 到 11 之间的序号');
});

test('a second one on the same day is refused with the rule', async () => {
  const openid = await citizen();
  await bookTo(openid, '预约', '1', '1', '2', '2', '1', '1');
  await bookTo(openid, '预约', '1', '1', '2', '3', '1');
  expect(await heard(openid, '1')).toBe('同一人同一天在同一部门只能约一次；已约的在「我的预约」里，可以改期或取消');
});

describe('what a hospital learns', () => {
  test('is agreed to by itself before the first booking there, never for the police, and asked no more until the text is another', async () => {
    const openid = await citizen({ agreed: false });
    await bookTo(openid, '预约', '3', '1', '1', '1');
    expect(await heard(openid, '1')).toContain('回复 1 确认预约');
    await bookTo(openid, '0', '预约', '1', '1', '3', '1');
    const asked = await heard(openid, '1');
    expect(asked).toMatch(/^预约医院要您单独同意《医疗健康信息授权说明》，请先阅读：\n预约医院的科室/);
    expect(asked).toMatch(/\n1\. 我已阅读并同意$/);
    expect(await heard(openid, '2')).toMatch(/^同意请回复 1；不同意就不能在这里约医院的号，请回复「取消」。/);
    expect(await heard(openid, '同意')).toContain('回复 1 确认预约');
    expect(await heard(openid, '1')).toContain('预约成功');
    const given = await server.deps.db.query(
      `SELECT kind, withdrawn_at FROM consents WHERE openid = $1 AND kind = 'health'`,
      [openid],
    );
    expect(given).toEqual([{ kind: 'health', withdrawn_at: null }]);
    await bookTo(openid, '预约', '2', '1', '2', '1');
    expect(await heard(openid, '1')).toContain('回复 1 确认预约');
    await heard(openid, '0');
    await server.deps.texts.override({ key: 'consent.health', accountId: 0, body: '另一份说明', staffId: null });
    await bookTo(openid, '预约', '2', '1', '2', '1');
    expect(await heard(openid, '1')).toContain('请先阅读：\n另一份说明\n1. 我已阅读并同意');
    await server.deps.texts.revert({ key: 'consent.health', accountId: 0 });
  });

  test('is agreed to on the page likewise, and taken back there', async () => {
    const openid = await citizen({ agreed: false });
    const page = await signInCitizen(server, openid);
    const personId = (await page.get<{ items: { id: string }[] }>('/persons')).body.items[0]!.id;
    const hold = async (where: string) => {
      const [slot] = await server.deps.db.query<{ id: string }>(
        `SELECT s.id::text FROM appointment_slots s JOIN organisations o ON o.id = s.organisation_id
          WHERE o.key = $1 AND s.status = 'open' AND s.taken < s.capacity AND s.starts_at > $2 AND s.opens_at <= $2 ORDER BY s.id DESC LIMIT 1`,
        [where, server.deps.clock.now()],
      );
      return page.post<{ id: string; startsAt: string }>('/appointments/hold', {
        slotId: slot!.id,
        personId,
        key: anyone(),
      });
    };
    // Tapped again after going back: the same place, not a limit in the way.
    const before = await hold('police-vehicles');
    const held = await hold('police-vehicles');
    expect(held.body.id).toBe(before.body.id);
    expect(held.status).toBe(201);
    await page.post(`/appointments/${held.body.id}/confirm`);
    // An entry for the phone's calendar, at the same moment wherever the server lives.
    const entry = await fetch(`${server.url}/api/h5/appointments/${held.body.id}/calendar`, { headers: page.headers });
    expect(entry.headers.get('content-type')).toContain('text/calendar');
    const begins = held.body.startsAt.replace(/[-:]|\.000/g, '');
    expect(await entry.text()).toContain(`DTSTART:${begins}`);
    // Moved to another time: what it was is not called cancelled.
    const [other] = await server.deps.db.query<{ id: string }>(
      `SELECT other.id::text FROM appointments a JOIN appointment_slots other USING (resource_id, day)
        WHERE a.id = $1 AND other.id <> a.slot_id AND other.taken < other.capacity AND other.starts_at > $2 ORDER BY other.id LIMIT 1`,
      [held.body.id, server.deps.clock.now()],
    );
    await page.post(`/appointments/${held.body.id}/reschedule`, { slotId: other!.id, key: anyone() });
    const mine = (await page.get<{ items: { state: string }[] }>('/appointments/mine')).body.items;
    expect(mine.map(({ state }) => state)).toEqual(['已预约', '已改期']);
    expect(await hold('hospital-first-desk')).toMatchObject({
      status: 422,
      body: { error: { code: 'health-consent-needed' } },
    });
    const { version } = (await page.get<{ version: string }>('/consents/health')).body;
    await page.post('/consents/health', { version });
    expect((await hold('hospital-first-desk')).status).toBe(201);
    await page.delete('/consents/health');
    expect((await hold('hospital-maternity-desk')).status).toBe(422);
  });
});

test('the demo lets a clerk try walk-ins', async () => {
  const clerk = await signIn(server, 'clerk-hospital');
  const base = '/services/appointments/resources';
  const { items } = (await clerk.get(base)).body as { items: { id: number; title: string }[] };
  const { id } = items.find(({ title }) => title === '发热门诊')!;
  const walkIn = { name: '示例访客', key: 'a-walk-in-of-the-demo' };
  expect(await clerk.send('POST', `${base}/${id}/walk-ins`, walkIn)).toMatchObject({ body: { queueNumber: 1 } });
});
