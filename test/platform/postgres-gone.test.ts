import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres';
import { anyone, startTestServer, type TestServer } from '../support/server';
import { addDoor, type Door, outcomes, push, textXml } from '../wechat/support/callbacks';

// A PostgreSQL of this file's own, which goes and comes while callbacks arrive. Each start has another port: a way in stands before it.

let folder: string;
let postgres: EmbeddedPostgres;
let way: Awaited<ReturnType<typeof openWay>>;
let server: TestServer;
let door: Door;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weiban-gone-'));
  postgres = await startEmbeddedPostgres({ dataDir: folder, fast: true });
  way = await openWay();
  way.leadTo(postgres.url);
  const url = new URL(postgres.url);
  url.port = String(way.port);
  server = await startTestServer({ databaseUrl: url.href, env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
  door = await addDoor(server, { mode: 'safe' });
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await way?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const say = (openid = anyone()) => push(server, door, textXml(door, openid, '帮助'));
const databaseIsThere = async () => {
  const { parts } = (await (await fetch(`${server.url}/readyz`)).json()) as { parts: { name: string; ok: boolean }[] };
  return parts.find(({ name }) => name === 'database')!.ok;
};

test.each([
  ['stopped', () => postgres.stop()],
  ['killed', async () => postgres.kill()],
])(
  '%s and started again under callbacks: 503 meanwhile, then all is well, and nothing was answered that is not stored',
  async (_, end) => {
    const answers = new Map<string, number>();
    const repeat: { openid: string; xml: string }[] = [];
    let sending = true;
    const citizens = Array.from({ length: 20 }, async () => {
      while (sending) {
        const openid = anyone();
        const xml = textXml(door, openid, '帮助');
        const { status } = await push(server, door, xml);
        answers.set(openid, status);
        if (status !== 200) repeat.push({ openid, xml });
      }
    });
    const seen = (status: number) => [...answers.values()].filter((one) => one === status).length;

    await until(() => seen(200) > 100);
    await end();
    await until(() => seen(503) > 20);
    expect(await databaseIsThere()).toBe(false);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect(await outcomes(server, 'unavailable')).toBeGreaterThan(20);

    postgres = await startEmbeddedPostgres({ dataDir: folder, fast: true });
    way.leadTo(postgres.url);
    const before = seen(200);
    await until(() => seen(200) > before + 100);
    sending = false;
    await Promise.all(citizens);
    await until(databaseIsThere);
    // One that listens again, however often it had to try.
    await until(async () => (await listeners()) === 1);

    expect([...new Set(answers.values())].sort()).toEqual([200, 503]);
    const answered = [...answers].filter(([, status]) => status === 200).map(([openid]) => openid);
    expect(await storedOf(answered)).toEqual({ rows: answered.length, citizens: answered.length, failed: 0 });

    // What was refused is repeated by WeChat: answered now, and in effect once even where the first commit had got through.
    const missed = repeat.slice(0, 30);
    for (const { xml } of missed) expect((await push(server, door, xml)).status).toBe(200);
    const people = missed.map(({ openid }) => openid);
    expect(await storedOf(people)).toEqual({ rows: people.length, citizens: people.length, failed: 0 });
  },
  90_000,
);

test('out of reach without a word: 503 before WeChat hangs up, and back by itself', async () => {
  expect((await say()).status).toBe(200);
  const started = performance.now();
  try {
    way.fallSilent();
    expect((await say()).status).toBe(503);
    expect(performance.now() - started).toBeLessThan(5000);
    way.cut();
  } finally {
    way.leadTo(postgres.url);
  }
  await until(async () => (await say()).status === 200);
}, 60_000);

test('an account added while this process was cut off from events is known when they are back', async () => {
  const { db, encryption, clock, accounts } = server.deps;
  const sealed = encryption.seal('a-secret-that-nobody-uses');
  way.cut();
  await until(async () =>
    db
      .query(
        `INSERT INTO accounts (key, title, organisation_id, appid, original_id, mode, secret_sealed, token_sealed, aes_key_sealed, created_at)
         SELECT 'quiet', 'x', id, 'wxquiet', 'gh_quiet', 'plain', $1, $1, $1, $2 FROM organisations LIMIT 1`,
        [sealed, clock.now()],
      )
      .then(
        () => true,
        () => false,
      ),
  );
  await until(() => accounts.byKey('quiet') !== undefined);
});

const listeners = async () =>
  (
    await server.deps.db.query(
      `SELECT FROM pg_stat_activity WHERE application_name = 'weiban-events' AND datname = current_database()`,
    )
  ).length;

const storedOf = async (openids: string[]) =>
  (
    await server.deps.db.query<{ rows: number; citizens: number; failed: number }>(
      `SELECT count(*)::int AS rows, count(DISTINCT openid)::int AS citizens, (count(*) FILTER (WHERE status = 'failed'))::int AS failed
         FROM inbox WHERE openid = ANY ($1)`,
      [openids],
    )
  )[0];

/** A port that stays the same and leads to wherever PostgreSQL is now; or to nowhere, without a word. */
async function openWay() {
  let target = 0;
  let silent = false;
  const sockets = new Set<Socket>();
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server: Server = createServer((inner) => {
    const outer = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (chunk) => {
        if (!silent) other.write(chunk);
      });
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    leadTo: (url: string) => {
      target = Number(new URL(url).port);
      if (silent) close();
      silent = false;
    },
    fallSilent: () => {
      silent = true;
    },
    cut: close,
    close: async () => {
      close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
