import type { AccountMode } from '../../src/people/accounts';
import { sealPush } from '../../src/wechat/push-xml';
import { openReply } from '../../src/wechat/reply-parse';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { addDoor, type Door, outcomes, sealed, secretsOf, send, textXml } from './support/callbacks';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
});
afterAll(() => server?.stop());

const freshToken = 'a-fresh-token';
const freshKey = 'ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210abcdefg';
const sealedModes: AccountMode[] = ['compat', 'safe'];

const say = (door: Door, secrets: Pick<Door, 'token' | 'aesKey'> = door) =>
  send(server, door.key, sealed(door, textXml(door, anyone(), '帮助'), 'oSomebody', secretsOf(secrets)));

async function rotate(door: Door, fresh: { token?: string; aesKey?: string }): Promise<void> {
  await server.deps.accounts.rotate(door.id, fresh);
  await server.deps.accounts.reload();
}
async function endRotation(door: Door): Promise<void> {
  await server.deps.accounts.endRotation(door.id);
  await server.deps.accounts.reload();
}

test('plain mode: old and new token are both taken while it rotates, then only the new one', async () => {
  const door = await addDoor(server, { mode: 'plain' });
  const fresh = { ...door, token: freshToken };
  expect((await say(door, fresh)).status).toBe(401);
  await rotate(door, { token: freshToken });
  expect([(await say(door)).status, (await say(door, fresh)).status]).toEqual([200, 200]);
  await endRotation(door);
  expect([(await say(door)).status, (await say(door, fresh)).status]).toEqual([401, 200]);
});

describe.each(sealedModes)('%s mode', (mode) => {
  const changes: [string, { token?: string; aesKey?: string }, number[]][] = [
    ['token', { token: freshToken }, [401]],
    // Under a token that is still right the cipher opens to garbage, which may by chance have a padding.
    ['AES key', { aesKey: freshKey }, [400, 403]],
    ['token and AES key', { token: freshToken, aesKey: freshKey }, [401]],
  ];
  test.each(changes)(
    '%s: both are taken while it rotates, the old is refused afterwards',
    async (_, change, refused) => {
      const door = await addDoor(server, { mode });
      const fresh = { ...door, ...change };
      await rotate(door, change);
      for (const secrets of [door, fresh]) {
        const { status, body } = await say(door, secrets);
        expect(status).toBe(200);
        // The pair that opened it seals the answer: WeChat takes no other.
        expect(openReply(body, secretsOf(secrets), door.appid)).toContain('<Content>');
      }
      await endRotation(door);
      expect(refused).toContain((await say(door, door)).status);
      expect((await say(door, fresh)).status).toBe(200);
    },
  );

  test('the new token with the old key, and the other way round: each pair is answered with itself', async () => {
    const door = await addDoor(server, { mode });
    await rotate(door, { token: freshToken, aesKey: freshKey });
    for (const secrets of [
      { token: freshToken, aesKey: door.aesKey },
      { token: door.token, aesKey: freshKey },
    ]) {
      const { status, body } = await say(door, secrets);
      expect(status).toBe(200);
      expect(openReply(body, secretsOf(secrets), door.appid)).toContain('<Content>');
    }
  });

  test('a repeat under the other pair is the same message: the same answer, sealed under that pair', async () => {
    const door = await addDoor(server, { mode });
    const fresh = { ...door, token: freshToken, aesKey: freshKey };
    await rotate(door, fresh);
    const xml = textXml(door, anyone(), '帮助');
    const answers = [];
    for (const secrets of [door, fresh]) {
      const { body } = await send(server, door.key, sealed(door, xml, 'oSomebody', secretsOf(secrets)));
      answers.push(openReply(body, secretsOf(secrets), door.appid));
    }
    expect(answers[1]).toBe(answers[0]);
  });
});

test('a rotation reaches the other processes by itself', async () => {
  const other = await startTestServer({ databaseUrl: server.databaseUrl, env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
  try {
    const door = await addDoor(server, { mode: 'safe' });
    const there = (secrets: Pick<Door, 'token' | 'aesKey'>) =>
      send(other, door.key, sealed(door, textXml(door, anyone(), '帮助'), 'oSomebody', secretsOf(secrets)));
    const fresh = { token: freshToken, aesKey: freshKey };
    await until(async () => (await there(door)).status === 200);
    await rotate(door, fresh);
    await until(async () => (await there(fresh)).status === 200);
    await endRotation(door);
    await until(async () => (await there(door)).status === 401);
  } finally {
    await other.stop();
  }
});

describe('freshness', () => {
  const at = async (door: Door, seconds: number | string) => {
    const xml = textXml(door, anyone(), '帮助');
    const { body, query } = sealed(door, xml);
    if (typeof seconds === 'string') return send(server, door.key, { body, query: { ...query, timestamp: seconds } });
    const now = Math.floor(server.deps.clock.millis() / 1000);
    const { mode, appid, originalId } = door;
    const moment = { mode, appid, originalId, openid: 'oSomebody', secrets: secretsOf(door), timestamp: now + seconds };
    return send(server, door.key, sealPush(xml, moment));
  };
  const limit = async (door: Door, freshnessSeconds: number) => {
    const settings = JSON.stringify({ freshnessSeconds });
    await server.deps.db.query('UPDATE accounts SET settings = $2 WHERE id = $1', [door.id, settings]);
    await server.deps.accounts.reload();
  };

  test.each(['plain', 'compat', 'safe'] as const)('%s mode: off by default; 300 s where it is set', async (mode) => {
    const door = await addDoor(server, { mode });
    for (const seconds of [0, -86_400, 86_400]) expect((await at(door, seconds)).status).toBe(200);
    await limit(door, 300);
    const before = await outcomes(server, 'stale');
    for (const seconds of [0, -280, 280]) expect((await at(door, seconds)).status).toBe(200);
    for (const seconds of [-320, 320, '', 'soon', 'NaN', 'Infinity', '1e400'])
      expect(await at(door, seconds)).toMatchObject({ status: 401, body: 'stale' });
    expect(await outcomes(server, 'stale')).toBe(before + 7);
  });

  test('goes by the clock that all processes share', async () => {
    const door = await addDoor(server, { mode: 'plain' });
    await limit(door, 300);
    const { clock } = server.deps;
    clock.offset += 7_200_000;
    expect((await at(door, 0)).status).toBe(200);
    clock.offset -= 7_200_000;
    expect((await at(door, 7200)).status).toBe(401);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
