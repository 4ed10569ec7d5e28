import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encryption, type Hall, type Registered } from './city';

export type Bare = { databaseUrl: string; accountId: number; hall: Hall; people: Registered[]; connections: number };

export function hasPgbench(): boolean {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * The same UPDATE and INSERT by PostgreSQL's own measuring tool: prepared, in one transaction, knowing neither limits nor turns.
 * @returns bookings a second
 */
export async function byPgbench({ databaseUrl, accountId, hall, people, connections }: Bare, threads: number) {
  const slots = hall.doctors.flatMap((doctor) => doctor.slots);
  const script = path.join(tmpdir(), `weiban-bench-${process.pid}.sql`);
  writeFileSync(script, booking);
  const given = {
    round: -1,
    clients: connections,
    account: accountId,
    slots: slots.length,
    first_slot: firstOf(slots),
    first_person: firstOf(people.map(({ personId }) => personId)),
    // As a value in a script of pgbench, a word has no blanks in it.
    name: encryption.seal('示例市民'),
    phone: encryption.seal('13900000000'),
  };
  const args = ['-n', '-M', 'prepared', '-c', String(connections), '-j', String(threads)];
  const values = Object.entries(given).flatMap(([key, value]) => ['-D', `${key}=${value}`]);
  const each = String(people.length / connections);
  const said = await new Promise<string>((resolve, reject) =>
    execFile('pgbench', [...args, ...values, '-t', each, '-f', script, databaseUrl], (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout),
    ),
  );
  return Number(/tps = ([\d.]+)/.exec(said)![1]);
}

/** What pgbench counts up from: it has no lists. */
function firstOf(ids: string[]): number {
  const [first] = ids.map(Number);
  if (ids.some((id, n) => Number(id) !== first! + n)) throw new Error('numbers that follow each other were expected');
  return first!;
}

const booking = `
\\set round :round + 1
\\set n :round * :clients + :client_id
\\set slot :first_slot + :n % :slots
\\set person :first_person + :n
BEGIN;
UPDATE appointment_slots SET taken = taken + 1 WHERE id = :slot AND status = 'open' AND taken < capacity
  RETURNING resource_id, organisation_id, day, starts_at \\gset
INSERT INTO appointments (code, slot_id, resource_id, organisation_id, day, starts_at, account_id, openid, person_id,
    name_sealed, phone_hash, phone_sealed, status, key, made_at, booked_at)
  VALUES (lpad(:person::text, 8, '0'), :slot::bigint, :resource_id::int, :organisation_id::int, :day::date, :starts_at::timestamptz,
    :account::int, 'oRush' || lpad(:n::text, 23, '0'), :person::bigint, :name, encode(sha256(:n::text::bytea), 'base64'), :phone,
    'booked', 'bench', now(), now());
COMMIT;
`;
