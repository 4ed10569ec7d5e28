import { setTimeout as pause } from 'node:timers/promises';
import { chatsOutOfStep } from '../callback/kept';
import { message } from '../callback/messages';
import { openStore, type Store } from '../callback/store';
import { freePort, type ServerProcess, startServer } from '../support/server-process';
import { createCitizens } from './citizens';
import { makeNotesTable, noteWords } from './notes-service';

export type CrashPlan = {
  databaseUrl: string;
  /** node's arguments that start notes-server */
  server: string[];
  kills: number;
  connections: number;
  /** few, so that several messages of one are under way at once */
  people: number;
  /** answered between two kills, at least */
  between: number;
  tell?: (line: string) => void;
};

/** Kills the server again and again while citizens write, and looks at what is left. */
export async function crashUnderLoad({
  databaseUrl,
  server,
  kills,
  connections,
  people,
  between,
  tell = () => {},
}: CrashPlan) {
  const store = await openStore(databaseUrl, { mode: 'plain', main: server });
  let running: ServerProcess | undefined;
  try {
    await makeNotesTable(store.client);
    const script = {
      since: Math.floor(Date.now() / 1000) - 7200,
      people,
      says: [noteWords, '你好', '办事指南', '1', '帮助'],
    };
    const port = await freePort();
    const citizens = createCitizens(script, port);
    running = await startServer(store.start([], port));
    const talking = citizens.start(connections);
    for (let kill = 1; kill <= kills; kill++) {
      const before = citizens.answers.size;
      while (citizens.answers.size < before + between) await pause(10);
      await pause(Math.random() * 400);
      await running.kill();
      tell(`kill ${kill}: ${citizens.answers.size - before} answered since the last one`);
      running = await startServer(store.start([], port));
      citizens.revive();
    }
    citizens.finish();
    await talking;
    await running.stop();
    running = undefined;
    const lost = await findLost(store, [...citizens.answers.keys()], script);
    const { otherwise, sent, answers } = citizens;
    return { kills, sent: sent(), answered: answers.size, lost, otherwise, ...(await countWrites(store)) };
  } finally {
    await running?.kill();
    await store.drop();
  }
}

export type Crashed = Awaited<ReturnType<typeof crashUnderLoad>>;

/** Messages that were answered and are not in the inbox as answered. */
async function findLost(store: Store, answered: number[], script: Parameters<typeof message>[1]): Promise<number[]> {
  const { rows } = await store.client.query<{ id: string }>(
    `SELECT openid || '/' || extract(epoch FROM sent_at)::bigint || '/' || dedupe AS id FROM inbox WHERE status = 'answered'`,
  );
  const stored = new Set(rows.map(({ id }) => id));
  return answered.filter((n) => {
    const { openid, createTime, msgId } = message(n, script);
    return !stored.has(`${openid}/${createTime}/m:${msgId}`);
  });
}

/** How far what was written is from once per message: all must be 0 but `notes`. */
async function countWrites({ client }: Store) {
  const { rows } = await client.query<{ notes: number; uneven: number; undelivered: number; doubled: number }>(`
    WITH said AS (SELECT openid, count(*) AS n FROM inbox WHERE handled_by = 'notes' GROUP BY 1),
         written AS (SELECT openid, count(*) AS n FROM bench_notes GROUP BY 1),
         sent AS (SELECT openid, count(*) AS n FROM deliveries WHERE source = 'notes' GROUP BY 1),
         replies AS (SELECT count(*) - count(DISTINCT (openid, reply ->> 'content')) AS n FROM inbox WHERE handled_by = 'notes')
    SELECT (SELECT coalesce(sum(n), 0) FROM said)::int AS notes,
           (SELECT count(*) FROM said FULL JOIN written USING (openid) WHERE said.n IS DISTINCT FROM written.n)::int AS uneven,
           (SELECT count(*) FROM said FULL JOIN sent USING (openid) WHERE said.n IS DISTINCT FROM sent.n)::int AS undelivered,
           (SELECT n FROM replies)::int AS doubled`);
  return { ...rows[0]!, outOfStep: await chatsOutOfStep(client) };
}
