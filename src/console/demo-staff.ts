import { addOrganisation, ensureRootOrganisation, organisationByKey } from '../people/organisations';
import type { Tx } from '../platform/database';
import { StartupError } from '../platform/startup-error';
import { type DemoPerson, demoOrganisations, demoPeople } from './demo-people';
import type { ConsoleDeps } from './deps';
import { hashPassword, passwordMatches } from './passwords';

/**
 * A made-up city's organisations and staff, openly so, all with one password. Again does no harm: who is there stays, and
 * only the password follows the given one.
 */
export async function addDemoStaff(
  deps: Pick<ConsoleDeps, 'db' | 'clock'> & { config: { simulator: boolean } },
  password: string,
): Promise<void> {
  if (!deps.config.simulator) throw new StartupError('演示人员只能在打开模拟器时建立');
  const { db, clock } = deps;
  await db.transaction(async (tx) => {
    const root = await ensureRootOrganisation(tx, clock);
    await tx.query('UPDATE organisations SET title = $2 WHERE id = $1', [root.id, '示例市']);
    for (const organisation of demoOrganisations) await addOrganisation(tx, organisation, clock);
  });
  const hash = await neededHash(deps, password);
  if (hash)
    await db.transaction(async (tx) => {
      for (const person of demoPeople) await addPerson(tx, person, hash, clock.now());
    });
}

/** One hash for all of them, and none where they have this password already: hashing is slow by intent, starting is not. */
async function neededHash({ db }: Pick<ConsoleDeps, 'db'>, password: string): Promise<string | undefined> {
  const rows = await db.query<{ password_hash: string }>('SELECT password_hash FROM staff WHERE username = ANY ($1)', [
    demoPeople.map(({ username }) => username),
  ]);
  const hashes = new Set(rows.map((row) => row.password_hash));
  const [only] = hashes;
  const upToDate = rows.length === demoPeople.length && hashes.size === 1 && (await passwordMatches(only, password));
  return upToDate ? undefined : hashPassword(password);
}

async function addPerson(tx: Tx, person: DemoPerson, hash: string, at: Date): Promise<void> {
  const organisation = (await organisationByKey(tx, person.organisation))!;
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO staff (username, name, password_hash, organisation_id, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash RETURNING id`,
    [person.username, person.name, hash, organisation.id, at],
  );
  await tx.query(
    `INSERT INTO staff_roles (staff_id, role, organisation_id) SELECT $1, unnest($2::text[]), $3 ON CONFLICT DO NOTHING`,
    [row!.id, person.roles, organisation.id],
  );
}
