import { play, readChat } from '../support/chat';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { counterTable, makeCounter } from './counter-service';

let server: TestServer;
const counter = makeCounter();
beforeAll(async () => {
  server = await startTestServer({ services: [counter.service] });
  await server.deps.db.query(counterTable);
});
afterAll(() => server?.stop());
beforeEach(() => {
  counter.seats.set('周一', 2).set('周二', 1);
});

async function converse(chat: string): Promise<void> {
  const openid = anyone();
  const expected = readChat(chat.replace(/^ +/gm, ''));
  const heard = [];
  for (const { act, line } of expected) heard.push({ line, act, reply: await play(server, openid, act) });
  expect(heard).toEqual(expected);
}

test('a booking from the menu to its confirmation', () =>
  converse(`
    > [点击 counter]
    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅
    > 1
    请选择日期：
    1. 周一
    2. 周二
    > 周二
    请输入手机号：
    > 138 0000 0000
    城东政务大厅 周二
    回复 1 确认预约，回复 0 取消。
    > 1
    预约成功：城东政务大厅 周二。`));

test('wrong input is told what was expected, and asked the same again', () =>
  converse(`
    > 预约窗口
    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅
    > 7
    请回复 1 到 2 之间的序号。

    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅

    不想办了，回复「取消」。
    > [图片]
    收到您的图片了，不过这一步用不上。请回复 1 到 2 之间的序号。

    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅

    不想办了，回复「取消」。
    > ２
    请选择日期：
    1. 周一
    2. 周二
    > [语音 随便]
    请回复 1 到 2 之间的序号。

    请选择日期：
    1. 周一
    2. 周二

    不想办了，回复「取消」。
    > [语音 周一。]
    请写明事由：
    > 返回
    请选择日期：
    1. 周一
    2. 周二
    > 取消
    好的，已取消「预约窗口」，没有提交任何内容。
    以后想办，点菜单或直接打字告诉我。
    > 取消
    您现在没有正在办理的事，不用取消。
    想办什么，直接打字告诉我，或点下面的菜单。`));

test('help and going back inside a flow', () =>
  converse(`
    > [点击 counter]
    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅
    > 返回
    这已经是第一步了。不想办了请回复「取消」，要继续请回答：

    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅
    > 帮助
    您正在办理：预约窗口。
    按提示回复就行；回复「返回」改上一步，回复「取消」不办了。

    现在请您回答：
    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅`));

test('after 30 idle minutes the flow is dropped, and the citizen is told at the next message', () =>
  converse(`
    > [点击 counter]
    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅
    > [等 31 分钟]
    > 取消
    您超过 30 分钟没有回复，刚才的「预约窗口」已停止，没有提交。需要的话请重新开始。
    您现在没有正在办理的事，不用取消。
    想办什么，直接打字告诉我，或点下面的菜单。`));

test('a seat taken meanwhile: the question whose answer no longer holds is asked again', async () => {
  const openid = anyone();
  for (const said of ['预约窗口', '1', '2', '13800000000']) await server.say(openid, said);
  counter.seats.set('周二', 0);
  expect(await server.say(openid, '1')).toEqual(['该日期刚被约满，请另选：\n请选择日期：\n1. 周一']);
  const rows = await server.deps.db.query('SELECT FROM counter_bookings WHERE openid = $1', [openid]);
  expect(rows).toHaveLength(0);
});

test('the options are those the citizen saw, whatever has changed since', async () => {
  const openid = anyone();
  await server.say(openid, '预约窗口');
  await server.say(openid, '1');
  counter.seats.set('周一', 0);
  await server.say(openid, '2');
  const [row] = await server.deps.db.query<{ state: { flow: object } }>(
    'SELECT state FROM sessions WHERE openid = $1',
    [openid],
  );
  expect(row!.state).toHaveProperty('sealed');
  expect((await server.say(openid, '13800000000'))[0]).toContain('城东政务大厅 周二');
});

test('another service opened in the middle: the flow is left, and says so', () =>
  converse(`
    > [点击 counter]
    请选择办事大厅：
    1. 城东政务大厅
    2. 城西政务大厅
    > [点击 counter.show]
    （已离开刚才的办理，没有提交。）
    请拍一张照片：
    > [图片]
    收到照片 一张`));

test('what a phone number was typed into is sealed at rest', async () => {
  const openid = anyone();
  for (const said of ['预约窗口', '1', '1', '13912345678']) await server.say(openid, said);
  const [session] = await server.deps.db.query<{ state: unknown }>('SELECT state FROM sessions WHERE openid = $1', [
    openid,
  ]);
  const inbox = await server.deps.db.query<{ message: unknown }>(
    'SELECT message, reply, sealed FROM inbox WHERE openid = $1',
    [openid],
  );
  expect(JSON.stringify([session, inbox])).not.toContain('13912345678');
  expect(JSON.stringify(inbox)).toContain('139****5678');
});

test('choices on offer do not hold the citizen', async () => {
  const openid = anyone();
  expect((await server.act(openid, { click: 'counter.choose' })).replies[0]!.content).toBe(
    '选一个：\n1. 慢的\n2. 坏的\n回复序号查看。',
  );
  expect(await server.say(openid, '9')).toEqual(['列表里没有这个序号，请回复 1 到 2，或直接打字告诉我您想办什么。']);
  expect(await server.say(openid, '1')).toEqual(['慢慢来的答复']);
});

test('a menu key that nobody opens is answered', async () => {
  expect((await server.act(anyone(), { click: 'gone.away' })).replies[0]!.content).toContain(
    '这个菜单项已经更新或暂停了',
  );
});

test('following by a QR code whose scene opens a service: greeting and first question in one', async () => {
  const { replies } = await server.act(anyone(), { event: 'subscribe', key: 'qrscene_counter-1' });
  expect(replies).toHaveLength(1);
  expect(replies[0]!.content).toContain('欢迎关注');
  expect(replies[0]!.content).toContain('请选择办事大厅：');
});
