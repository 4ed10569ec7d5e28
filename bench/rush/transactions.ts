import { fork } from 'node:child_process';
import type { Store } from '../callback/store';
import { compiled } from '../support/compiled';
import { median, renderTable } from '../support/table';
import type { Work } from './booking-process';
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
    for (let round = 0; round < rounds; round++) {
      const one = { ours: 0, script: 0, pgbench: 0 };
      for (const kind of round % 2 ? kinds.toReversed() : kinds) {
        await clear(store, hall);
        const work = { databaseUrl, accountId, hall, people, connections };
        one[kind] =
          kind === 'pgbench'
            ? await byPgbench({ ...work, connections: connections * processes }, processes)
            : await run({ ...work, kind, at: Date.now() }, processes);
        await checkAll(store, hall, people.length);
      }
      measured.push(one);
    }
    const ratios = (to: Kind) => measured.map((one) => one.ours / one[to]);
    medians.push(median(ratios('script')));
    rows.push([
      `${processes} process${processes > 1 ? 'es' : ''}, ${connections} connections each`,
      ...kinds.map((kind) => median(measured.map((one) => one[kind])).toFixed(0)),
      ...kinds.slice(1).map(
        (kind) =>
          `${median(ratios(kind)).toFixed(2)} (${ratios(kind)
            .map((one) => one.toFixed(2))
            .join(' ')})`,
      ),
    ]);
  }
  await clear(store, hall);
  const head = [
    'booking transaction',
    ...kinds.map((kind) => `${kind}/s`),
    ...kinds.slice(1).map((kind) => `to ${kind}`),
  ];
  console.log(renderTable(head, rows));
  return Math.min(...medians);
}

/** @returns bookings a second of all processes together */
async function run({ people, ...work }: Work, processes: number): Promise<number> {
  const shares = Array.from({ length: processes }, (_, index) => people.filter((_one, n) => n % processes === index));
  const seconds = await new Promise<number[]>((resolve, reject) => {
    const done: number[] = [];
    let waiting = processes;
    const children = shares.map((share) => {
      const child = fork(compiled('bench', 'rush', 'booking-process.js'), { execArgv: [] });
      child.on('exit', (code) => code && reject(new Error(`a booking process ended with ${code}`)));
      child.on('message', (said: { ready?: true; seconds?: number }) => {
        if (said.ready && --waiting === 0) for (const one of children) one.send('go');
        if (said.seconds === undefined) return;
        done.push(said.seconds);
        if (done.length === processes) resolve(done);
      });
      child.send({ ...work, people: share });
      return child;
    });
  });
  return people.length / Math.max(...seconds);
}

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
