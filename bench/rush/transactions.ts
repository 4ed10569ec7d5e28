import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../callback/store';
import { compiled } from '../support/compiled';
import { familyCpuSeconds } from '../support/processes';
import { median, renderTable } from '../support/table';
import type { Done, Order, Said, Work } from './booking-process';
import type { Hall, Registered } from './city';
import { byPgbench, hasPgbench } from './pgbench';

type Setting = { processes: number; connections: number };
type Kind = 'ours' | 'script' | 'pgbench';
type Compared = { hall: Hall; people: Registered[]; databaseUrl: string; rounds: number };

/**
 * Bookings a second by our transaction and by bare ones on the same rows, in turn, round by round: a script for node, and
 * PostgreSQL's own pgbench where it is installed.
 * @returns the least of the medians of the ratios to the script
 */
export async function compareTransactions(store: Store, { hall, people, databaseUrl, rounds }: Compared) {
  const settings: Setting[] = [
    { processes: 1, connections: 8 },
    { processes: 2, connections: 4 },
  ];
  const kinds: Kind[] = hasPgbench() ? ['ours', 'script', 'pgbench'] : ['ours', 'script'];
  const accountId = (await store.client.query<{ id: number }>('SELECT min(id) AS id FROM accounts')).rows[0]!.id;
  const rows: string[][] = [];
  const medians: number[] = [];
  for (const { processes, connections } of settings) {
    const measured: Record<Kind, number>[] = [];
    // Seconds of processor time: steadier than the speed where other programs run too.
    const inPostgres = { ours: 0, script: 0, pgbench: 0 };
    const inNode = { ours: 0, script: 0, pgbench: 0 };
    for (let round = 0; round < rounds; round++) {
      const one = { ours: 0, script: 0, pgbench: 0 };
      for (const kind of round % 2 ? kinds.toReversed() : kinds) {
        await clear(store, hall);
        const work = { databaseUrl, accountId, hall, people, connections };
        if (kind === 'pgbench') {
          const before = familyCpuSeconds(store.postgres);
          one[kind] = await byPgbench({ ...work, connections: connections * processes }, processes);
          // Until its connections' processes have ended and are counted.
          await pause(500);
          inPostgres[kind] += familyCpuSeconds(store.postgres) - before;
        } else {
          const done = await run({ ...work, kind, at: Date.now() }, processes, store);
          one[kind] = people.length / done.seconds;
          inNode[kind] += done.processor;
          inPostgres[kind] += done.inPostgres;
        }
        await checkAll(store, hall, people.length);
      }
      measured.push(one);
    }
    const ratios = (to: Kind) => measured.map((one) => one.ours / one[to]);
    medians.push(median(ratios('script')));
    const micros = (spent: Record<Kind, number>, kind: Kind) =>
      ((spent[kind] / rounds / people.length) * 1e6).toFixed(0);
    rows.push([
      `${processes} process${processes > 1 ? 'es' : ''}, ${connections} connections each`,
      ...kinds.map((kind) => median(measured.map((one) => one[kind])).toFixed(0)),
      ...kinds.slice(1).map(
        (kind) =>
          `${median(ratios(kind)).toFixed(2)} (${ratios(kind)
            .map((one) => one.toFixed(2))
            .join(' ')})`,
      ),
      kinds.map((kind) => micros(inPostgres, kind)).join(' '),
      kinds
        .slice(0, 2)
        .map((kind) => micros(inNode, kind))
        .join(' '),
    ]);
  }
  await clear(store, hall);
  const head = [
    'booking transaction',
    ...kinds.map((kind) => `${kind}/s`),
    ...kinds.slice(1).map((kind) => `to ${kind}`),
    'processor µs each, in PostgreSQL',
    'in Node',
  ];
  console.log(renderTable(head, rows));
  return Math.min(...medians);
}

/**
 * Until the last of the processes has booked for all its people, and the processor time of all of them. They have done so once before,
 * as processes have that run for days: what node compiles on the way is not measured.
 */
async function run({ people, ...work }: Work, processes: number, store: Store) {
  const shares = Array.from({ length: processes }, (_, index) => people.filter((_one, n) => n % processes === index));
  const children = shares.map(() => fork(compiled('bench', 'rush', 'booking-process.js'), { execArgv: [] }));
  const all = (order: Order | Work[]) =>
    Promise.all(
      children.map((child, index) => {
        const said = heard(child);
        child.send(typeof order === 'string' ? order : order[index]!);
        return said;
      }),
    );
  await all(shares.map((share) => ({ ...work, people: share })));
  await all('go');
  await clear(store, work.hall);
  const before = familyCpuSeconds(store.postgres);
  const done = (await all('go')) as Done[];
  const inPostgres = familyCpuSeconds(store.postgres) - before;
  for (const child of children) child.send('end' satisfies Order);
  return {
    seconds: Math.max(...done.map(({ seconds }) => seconds)),
    processor: done.reduce((sum, { processor }) => sum + processor, 0),
    inPostgres,
  };
}

const heard = (child: ChildProcess): Promise<Said> =>
  new Promise((resolve, reject) => {
    child.once('message', (said: Said) => {
      child.removeAllListeners('exit');
      resolve(said);
    });
    child.once('exit', (code) => reject(new Error(`a booking process ended with ${code}`)));
  });

async function clear({ client }: Store, { doctors }: Hall): Promise<void> {
  const resources = doctors.map(({ resourceId }) => resourceId);
  await client.query('DELETE FROM appointments WHERE resource_id = ANY ($1::int[])', [resources]);
  await client.query('UPDATE appointment_slots SET taken = 0 WHERE resource_id = ANY ($1::int[])', [resources]);
  await client.query('VACUUM ANALYZE appointments, appointment_slots');
}

async function checkAll({ client }: Store, { doctors }: Hall, expected: number): Promise<void> {
  const { rows } = await client.query<{ booked: number; taken: number }>(
    `SELECT (SELECT count(*)::int FROM appointments WHERE resource_id = ANY ($1::int[])) AS booked,
            (SELECT sum(taken)::int FROM appointment_slots WHERE resource_id = ANY ($1::int[])) AS taken`,
    [doctors.map(({ resourceId }) => resourceId)],
  );
  const [{ booked, taken }] = rows as [(typeof rows)[0]];
  if (booked !== expected || taken !== expected)
    throw new Error(`${expected} places were asked for: ${booked} bookings, ${taken} taken`);
}
