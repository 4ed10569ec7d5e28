import path from 'node:path';
import { readTextFiles } from '../../src/delivery/text-files';
import { anyone, startTestServer, type TestServer } from '../support/server';

let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  const options = { services: [], env: { ROLES: 'web', LOG_LEVEL: 'silent' } };
  server = await startTestServer(options);
  other = await startTestServer({ ...options, databaseUrl: server.databaseUrl });
});
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});

const demo = () => server.deps.accounts.byKey('demo')!.id;
const override = (key: string, body: string, accountId = 0) =>
  server.deps.texts.override({ key, accountId, body, staffId: null });
const refusal = (body: string, key = 'subscribe.welcome') =>
  override(key, body).then(
    () => undefined,
    ({ status, message }: Error & { status: number }) => ({ status, message }),
  );
const sayHere = async (words: string) => (await server.say(anyone(), words))[0];

describe("an operator's words", () => {
  afterEach(async () => {
    for (const accountId of [0, demo()]) await server.deps.texts.revert({ key: 'autoreply.thanks', accountId });
  });

  test('are what citizens read, in this process and in another, until they are taken back', async () => {
    const before = await sayHere('谢谢');
    await override('autoreply.thanks', '不客气，{{ "祝好" }}！');
    await until(async () => (await sayHere('谢谢')) === '不客气，祝好！');
    await until(async () => (await other.say(anyone(), '谢谢'))[0] === '不客气，祝好！');
    await server.deps.texts.revert({ key: 'autoreply.thanks', accountId: 0 });
    await until(async () => (await sayHere('谢谢')) === before);
    await until(async () => (await other.say(anyone(), '谢谢'))[0] === before);
  });

  test('for one account go before those for all, and reach no other account', async () => {
    const { texts } = server.deps;
    await override('autoreply.thanks', '都这么说');
    await override('autoreply.thanks', '本号这么说', demo());
    await until(async () => (await sayHere('谢谢')) === '本号这么说');
    expect(texts.say('autoreply.thanks', {}, demo() + 1)).toBe('都这么说');
    await texts.revert({ key: 'autoreply.thanks', accountId: demo() });
    await until(async () => (await sayHere('谢谢')) === '都这么说');
  });

  test('written while another process was cut off from events are in effect there once it is back', async () => {
    const cut = await server.deps.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weiban-events' AND datname = current_database()`,
    );
    expect(cut).toHaveLength(2);
    await override('autoreply.thanks', '断线时写的');
    for (const one of [server, other]) await until(async () => (await one.say(anyone(), '谢谢'))[0] === '断线时写的');
  });

  test('that tell the time keep answers from being kept as they were rendered; no text of our own does', async () => {
    const { texts } = server.deps;
    expect(texts.revision()).toEqual(expect.any(Number));
    await override('autoreply.thanks', '现在是{{ "now" | date: "%H" }}点');
    await until(async () => texts.revision() === undefined);
    await texts.revert({ key: 'autoreply.thanks', accountId: 0 });
    await until(async () => texts.revision() !== undefined);
  });

  test('that were rolled back are not in effect anywhere', async () => {
    const before = await sayHere('谢谢');
    const { db, texts } = server.deps;
    const change = { key: 'autoreply.thanks', accountId: 0, body: '没有提交', staffId: null };
    await expect(
      db.transaction(async (tx) => {
        await texts.override(change, tx);
        throw new Error('thought better of it');
      }),
    ).rejects.toThrow('thought better of it');
    await texts.reload();
    expect(await sayHere('谢谢')).toBe(before);
  });

  test('at most 2,048 bytes are taken', async () => {
    expect(await refusal(`${'汉'.repeat(682)}ab`)).toBeUndefined();
    expect(await refusal('汉'.repeat(683))).toEqual({ status: 422, message: expect.stringMatching(/2049 字节.*2048/) });
    await server.deps.texts.revert({ key: 'subscribe.welcome', accountId: 0 });
  });

  const faults: [string, string, RegExp][] = [
    ['nothing', '', /不能为空/],
    ['blanks', ' \n\u3000 ', /不能为空/],
    ['what comes to nothing', '{% if accountTitle == "" %}您好{% endif %}', /按示例填写后内容是空的/],
    ['a tag left open', '{% if accountTitle %}您好', /模板有误：第 1 行第 1 个字，「\{% if accountTitle %\}」没有结束/],
    ['a tag that does not exist', '{% frobnicate %}', /模板有误：第 1 行第 1 个字，没有「frobnicate」这种标签/],
    ['braces left open', '您好 {{ accountTitle', /模板有误：第 1 行第 4 个字，「\{\{」后面少了「\}\}」/],
    ['a filter that does not exist', '{{ accountTitle | shout }}', /模板有误：第 1 行第 1 个字，没有「shout」这种处理/],
    ['a variable that does not exist', '您好 {{ nickname }}', /没有变量 nickname，可用的变量：accountTitle/],
    ['one inside a condition', '{% if openid == "1" %}x{% endif %}您好', /没有变量 openid/],
    ['a file of the server', '您好{% include "/etc/passwd" %}', /模板有误：.*不能引用别的文件|没有「include」/],
    ['another template', '您好{% render "subscribe.welcome" %}', /模板有误/],
    ['a layout', '{% layout "x" %}您好', /模板有误/],
    ['work without end', '{% for i in (1..100000000) %}{{ i }}{% endfor %}', /模板有误：.*要算的太多/],
    ['loops in loops', `${'{% for i in (1..9999) %}'.repeat(4)}x${'{% endfor %}'.repeat(4)}`, /模板有误/],
  ];
  test.each(faults)('are refused in words that say what is wrong: %s', async (_, body, words) => {
    expect(await refusal(body)).toEqual({ status: 422, message: expect.stringMatching(words) });
    const stored = await server.deps.db.query(`SELECT FROM text_overrides WHERE key = 'subscribe.welcome'`);
    expect(stored).toHaveLength(0);
  });

  test('have no way to what the server holds', async () => {
    for (const body of ['{{ accountTitle.constructor.name }}{{ accountTitle.__proto__ }}好'])
      expect(server.deps.texts.preview('subscribe.welcome', body)).toBe('好');
  });
});

describe('automatic replies', () => {
  const add = async (match: string, pattern: string, key: string, { accountId = 0, position = -1 } = {}) => {
    await server.deps.db.query(
      'INSERT INTO auto_replies (account_id, match, pattern, text_key, urgent, position) VALUES ($1, $2, $3, $4, false, $5)',
      [accountId, match, pattern, key, position],
    );
    await server.deps.events.publish('auto-replies', null);
  };
  const text = (key: string) => server.deps.texts.say(key, { accountTitle: '示例市政务服务' });
  const answered = (words: string, key: string) => until(async () => (await sayHere(words)) === text(key));

  test('a word: all of what was said, in whatever letters and width', async () => {
    for (const said of ['谢谢', ' 谢谢 ', '谢谢！', 'THANKS', 'ｔｈａｎｋｓ'])
      expect([said, await sayHere(said)]).toEqual([said, text('autoreply.thanks')]);
    expect(await sayHere('谢谢你帮我查居住证')).toBe(text('dialogue.fallback'));
  });

  test('contains: anywhere in what was said', async () => {
    expect(await sayHere('我真的不想活了怎么办')).toBe(text('autoreply.distress'));
    await add('contains', '排队', 'autoreply.hours');
    await answered('现在排队的人多不多', 'autoreply.hours');
  });

  test('a regular expression', async () => {
    expect(await sayHere('有人让我转账，是真的吗')).toBe(text('autoreply.fraud'));
    await add('regex', '^第[0-9]+号$', 'autoreply.address');
    await answered('第12号', 'autoreply.address');
    expect(await sayHere('第十号')).toBe(text('dialogue.fallback'));
  });

  test('a rule of the account goes before one for all, a word before a part', async () => {
    await add('contains', '谢谢', 'autoreply.staff', { accountId: demo() });
    await answered('谢谢', 'autoreply.staff');
    await server.deps.db.query('DELETE FROM auto_replies WHERE account_id = $1', [demo()]);
    await server.deps.events.publish('auto-replies', null);
    await answered('谢谢', 'autoreply.thanks');
  });

  test('a rule made here is in effect in the other process', async () => {
    await add('word', '食堂', 'autoreply.hours');
    await until(async () => (await other.say(anyone(), '食堂'))[0] === text('autoreply.hours'));
  });

  test.each(['(a+)+$', '(a|aa)+$', '(a|a?)+$', '(.*a){12}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(?:a*)*b'])(
    'a pattern that hangs others comes to its end: %s',
    async (pattern) => {
      await add('regex', pattern, 'autoreply.hours', { position: 1000 });
      const reply = await sayHere(`${'a'.repeat(500)}!`);
      expect([text('autoreply.hours'), text('dialogue.fallback')]).toContain(reply);
      await server.deps.db.query('DELETE FROM auto_replies WHERE pattern = $1', [pattern]);
      await server.deps.events.publish('auto-replies', null);
    },
  );

  test('a rule that cannot be used is left out; the others and the next start work', async () => {
    await add('regex', '(未完', 'autoreply.hours');
    await add('regex', '(?<=前)后', 'autoreply.hours');
    await add('word', '无此模板', 'autoreply.nowhere');
    await add('word', '还能用', 'autoreply.hours');
    await answered('还能用', 'autoreply.hours');
    expect(await sayHere('无此模板')).toBe(text('dialogue.fallback'));
    const third = await startTestServer({
      services: [],
      databaseUrl: server.databaseUrl,
      env: { ROLES: 'web', LOG_LEVEL: 'silent' },
    });
    expect(await third.say(anyone(), '还能用')).toEqual([text('autoreply.hours')]);
    await third.stop();
  });
});

describe('what is shipped', () => {
  const files = readTextFiles(path.join(__dirname, '../../templates'));

  test.each(files.map((file) => [file.key, file] as const))('%s renders with its examples', (key, file) => {
    const words = server.deps.texts.preview(key, file.body);
    expect(words.trim()).not.toBe('');
    expect(words).not.toMatch(/\{\{|\{%|undefined|\[object|NaN/);
    expect(Buffer.byteLength(words)).toBeLessThanOrEqual(2048);
  });

  test('every key is there once, and each variable is used', () => {
    expect(new Set(files.map(({ key }) => key)).size).toBe(files.length);
    const unused = files.flatMap(({ key, body, variables }) =>
      variables.filter(({ name }) => !body.includes(name)).map(({ name }) => `${key}: ${name}`),
    );
    expect(unused).toEqual([]);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
