import { gzipSync } from 'node:zlib';
import { sign } from '../../src/wechat/crypto';
import { anyone } from '../support/server';
import {
  countIn,
  type Door,
  outcomes,
  push,
  rawConnection,
  type Sent,
  sealed,
  send,
  stored,
  textXml,
} from './support/callbacks';
import {
  carry,
  doors,
  expectRefused,
  good,
  modes,
  openDoors,
  plainText,
  readAnswer,
  server,
  signed,
  until,
  type Wanted,
} from './support/doors';

openDoors();

type Case = [name: string, wanted: Wanted, make: (door: Door) => Sent];

describe.each(modes)('%s mode refuses', (mode) => {
  const unsigned = { status: 401, reason: 'signature' };
  const withQuery = (change: Record<string, string | undefined>) => (door: Door) => {
    const { body, query } = sealed(door, good(door));
    const changed = Object.entries({ ...query, ...change }).filter(([, value]) => value !== undefined);
    return { body, query: Object.fromEntries(changed) as Record<string, string> };
  };
  const nothingSigned = { signature: undefined, msg_signature: undefined };
  const deep = (levels: number) => `<xml>${'<a>'.repeat(levels)}x${'</a>'.repeat(levels)}</xml>`;

  const cases: Case[] = [
    ['a wrong signature', unsigned, withQuery({ signature: '0'.repeat(40), msg_signature: '0'.repeat(40) })],
    ['a signature by another token', unsigned, (door) => sealed({ ...door, token: 'another-token' }, good(door))],
    ['no signature', unsigned, withQuery(nothingSigned)],
    ['no parameters at all', unsigned, (door) => ({ ...sealed(door, good(door)), query: {} })],
    ['no timestamp', unsigned, withQuery({ timestamp: undefined })],
    ['no nonce', unsigned, withQuery({ nonce: undefined })],
    ['a changed nonce', unsigned, withQuery({ nonce: 'changed' })],
    ['a signature of 8,000 characters', unsigned, withQuery({ signature: 'f'.repeat(8000), msg_signature: '' })],
    ['a signature in Chinese', unsigned, withQuery({ signature: '签'.repeat(40), msg_signature: '签'.repeat(40) })],
    ['an empty body', { status: 400, reason: 'empty' }, (door) => signed(door, '')],
    ['blanks for a body', { status: 400, reason: 'empty' }, (door) => signed(door, ' \r\n\t')],
    ['JSON', { status: 400, reason: 'malformed' }, (door) => signed(door, '{"MsgType":"text"}')],
    [
      'bytes that are not UTF-8',
      { status: 400, reason: 'utf8' },
      (door) => signed(door, Buffer.from([60, 0xff, 0xc0])),
    ],
    ['a compressed body', { status: 400, reason: 'utf8' }, (door) => signed(door, gzipSync(good(door)))],
    ['another root', { status: 400, reason: 'root' }, (door) => signed(door, '<html><body>x</body></html>')],
    ['a body cut short', { status: 400, reason: 'malformed' }, (door) => signed(door, good(door).slice(0, -9))],
    ['two roots', { status: 400, reason: 'root' }, (door) => signed(door, good(door).repeat(2))],
    ['elements 5,000 deep', { status: 400, reason: 'too-deep' }, (door) => signed(door, deep(5000))],
    [
      'a flood of elements',
      { status: 400, reason: 'too-many-elements' },
      (door) => signed(door, `<xml>${'<a/>'.repeat(10_000)}</xml>`),
    ],
    [
      'a DOCTYPE',
      { status: 400, reason: 'doctype' },
      (door) => signed(door, `<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>${good(door)}`),
    ],
    [
      'entities that nobody declared',
      { status: 400, reason: 'entity' },
      (door) => signed(door, good(door).replace('<xml>', '<xml><A>&lol;</A>')),
    ],
  ];
  test.each(cases)('%s', async (_name, wanted, make) => {
    const door = doors[mode];
    await expectRefused(wanted, () => send(server, door.key, make(door)));
  });

  const inner: Case[] = [
    ['JSON', { status: 400, reason: 'malformed' }, (door) => carry(door, '{"MsgType":"text"}')],
    ['nothing', { status: 400, reason: 'empty' }, (door) => carry(door, '')],
    ['elements 17 deep', { status: 400, reason: 'too-deep' }, (door) => carry(door, deep(16))],
    ['a DOCTYPE', { status: 400, reason: 'doctype' }, (door) => carry(door, `<!DOCTYPE xml>${good(door)}`)],
    ['no sender', { status: 400, reason: 'no-sender' }, (door) => carry(door, textXml(door, '', 'x'))],
    ['a sender with U+0000', { status: 400, reason: 'no-sender' }, (door) => carry(door, textXml(door, 'o\0x', 'x'))],
    [
      'a sender of 129 letters',
      { status: 400, reason: 'no-sender' },
      (door) => carry(door, textXml(door, 'o'.repeat(129), 'x')),
    ],
    [
      "another account's ToUserName",
      { status: 403, reason: 'other-account' },
      (door) => carry(door, textXml({ ...door, originalId: 'gh_other' }, 'oSomebody', 'x')),
    ],
    [
      'no ToUserName',
      { status: 403, reason: 'other-account' },
      (door) => carry(door, good(door).replace(/<ToUserName>.*<\/ToUserName>/, '')),
    ],
  ];
  test.each(inner)('%s inside', async (_name, wanted, make) => {
    const door = doors[mode];
    await expectRefused(wanted, () => send(server, door.key, make(door)));
  });

  test('10 MB, announced: without reading it', async () => {
    const { key } = doors[mode];
    await expectRefused({ status: 413, reason: 'too-large' }, async () => {
      const { socket, answer } = rawConnection(server);
      socket.write(`POST /wechat/${key}?signature=x HTTP/1.1\r\nHost: test\r\nContent-Length: 10485760\r\n\r\n`);
      return readAnswer(await answer);
    });
  });

  test('10 MB in chunks: after 64 KiB', async () => {
    const { key } = doors[mode];
    await expectRefused({ status: 413, reason: 'too-large' }, async () => {
      const { socket, answer } = rawConnection(server);
      socket.write(`POST /wechat/${key} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
      for (let sent = 0; sent < 10_485_760 && !socket.destroyed; sent += 0x4000)
        if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      return readAnswer(await answer);
    });
  });

  test('a body given up half-way, and goes on', async () => {
    const door = doors[mode];
    const [count, before] = [await outcomes(server, 'aborted'), await stored(server)];
    const { socket } = rawConnection(server);
    socket.write(
      `POST /wechat/${door.key} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n<xml>`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.resetAndDestroy();
    await until(async () => (await outcomes(server, 'aborted')) === count + 1);
    expect(await stored(server)).toEqual(before);
    expect((await push(server, door, textXml(door, anyone(), '帮助'))).status).toBe(200);
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s', async (method) => {
    const door = doors[mode];
    await expectRefused({ status: 405, reason: 'method' }, () =>
      send(server, door.key, { ...sealed(door, good(door)), method }),
    );
  });
});

test('/metrics tells what was refused and what was answered', async () => {
  const read = async () => (await fetch(`${server.url}/metrics`)).text();
  const before = await read();
  await send(server, doors.plain.key, { ...signed(doors.plain, ''), query: {} });
  await push(server, doors.safe, textXml(doors.safe, anyone(), '帮助'));
  const after = await read();
  for (const outcome of ['signature', 'answered']) expect(countIn(after, outcome)).toBe(countIn(before, outcome) + 1);
});

test('accounts that are not there, whatever their name', async () => {
  const names = ['nobody', '', '__proto__', 'constructor', 'demo/x', '..%2fdemo', '%00', 'd'.repeat(8000)];
  for (const name of names) {
    await expectRefused({ status: 404, reason: 'unknown-account' }, () =>
      send(server, name, sealed(doors.plain, good(doors.plain))),
    );
  }
});

test('a body that comes too slowly: after 10 s', async () => {
  const { key } = doors.plain;
  const [count, before] = [await outcomes(server, 'too-slow'), await stored(server)];
  const { socket, answer } = rawConnection(server);
  const started = performance.now();
  socket.write(`POST /wechat/${key} HTTP/1.1\r\nHost: test\r\nContent-Length: 500\r\n\r\n<xml>`);
  expect(readAnswer(await answer)).toEqual({ status: 408, type: plainText, body: 'too-slow' });
  expect(performance.now() - started).toBeGreaterThan(9900);
  expect(await outcomes(server, 'too-slow')).toBe(count + 1);
  expect(await stored(server)).toEqual(before);
});

test('who the query says it is counts for nothing: the sender is the one in the body', async () => {
  for (const mode of modes) {
    const [door, openid, other] = [doors[mode], anyone(), anyone()];
    const { body, query } = sealed(door, textXml(door, openid, '帮助'), other);
    expect((await send(server, door.key, { body, query })).status).toBe(200);
    const rows = await server.deps.db.query('SELECT openid FROM inbox WHERE openid IN ($1, $2)', [openid, other]);
    expect(rows).toEqual([{ openid }]);
  }
});

test('a compat body whose plaintext lies: what was sealed counts', async () => {
  const [door, openid] = [doors.compat, anyone()];
  const { body, query } = sealed(door, textXml(door, openid, '帮助'));
  const lying = body.replace(openid, 'oSomebodyElse').replace('帮助', '取消');
  expect((await send(server, door.key, { body: lying, query })).status).toBe(200);
  const rows = await server.deps.db.query<{ openid: string; content: string }>(
    `SELECT openid, message ->> 'content' AS content FROM inbox WHERE openid IN ($1, 'oSomebodyElse')`,
    [openid],
  );
  expect(rows).toEqual([{ openid, content: '帮助' }]);
});

test.each(modes)('%s mode: U+0000 wherever a citizen may write it is taken and stored as U+FFFD', async (mode) => {
  const door = doors[mode];
  const parts: Record<string, string>[] = [
    { Content: 'a\0b' },
    { MsgType: 'event', Event: 'CLICK', EventKey: 'a\0b' },
    { MsgType: 'event', Event: 'SCAN', EventKey: 'a\0b', Ticket: '\0' },
    { MsgType: 'event', Event: 'a\0b' },
    { MsgType: 'a\0b' },
    { MsgType: 'location', Location_X: '\0', Label: 'a\0b' },
    { MsgType: 'event', Event: 'TEMPLATESENDJOBFINISH', MsgID: '1', Status: 'failed: a\0b' },
  ];
  for (const part of parts) {
    const openid = anyone();
    expect(await push(server, door, textXml(door, openid, '', part))).toMatchObject({ status: 200 });
    const [row] = await server.deps.db.query<{ n: number }>('SELECT count(*)::int AS n FROM inbox WHERE openid = $1', [
      openid,
    ]);
    expect({ part, n: row!.n }).toEqual({ part, n: 1 });
  }
});

describe.each(modes)('the address check in %s mode', (mode) => {
  const query = (door: Door, change: Record<string, string> = {}) => ({
    signature: sign(door.token, '1763700000', '7'),
    timestamp: '1763700000',
    nonce: '7',
    echostr: '8812345678901234567',
    ...change,
  });

  test.each(['8812345678901234567', '<xml>&amp;</xml>', '你 好+%20', '<script>alert(1)</script>', ''])(
    'gives %j back letter by letter, as plain text',
    async (echostr) => {
      const door = doors[mode];
      const before = await stored(server);
      const answer = await send(server, door.key, { method: 'GET', query: query(door, { echostr }) });
      expect(answer).toEqual({ status: 200, type: plainText, body: echostr });
      expect(await stored(server)).toEqual(before);
    },
  );

  test('without an echostr there is nothing to give back', async () => {
    const { echostr: _, ...rest } = query(doors[mode]);
    expect(await send(server, doors[mode].key, { method: 'GET', query: rest })).toMatchObject({
      status: 200,
      body: '',
    });
  });

  test('refuses a wrong signature', async () => {
    const sent = { method: 'GET', query: query(doors[mode], { nonce: '8' }) };
    await expectRefused({ status: 401, reason: 'signature' }, () => send(server, doors[mode].key, sent));
  });
});
