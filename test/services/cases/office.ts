import type { ServiceDeps } from '../../../src/dialogue/service';
import type { Citizen } from '../../../src/people/citizen';
import { bindPerson, type Relation } from '../../../src/people/identity/bindings';
import { checkCharacter, type IdentityDocument } from '../../../src/people/identity/documents';
import type { Queryable } from '../../../src/platform/database';
import { type Reported, storeCases } from '../../../src/services/cases/store';
import { type CitizenClient, signInCitizen } from '../../h5/citizen-client';
import { anyone, startTestServer } from '../../support/server';

export type Office = Awaited<ReturnType<typeof openOffice>>;

/** A server with the demo's offices, a time of its own, and citizens who are known by name; what is told leaves only with a worker. */
export async function openOffice(start = '2026-03-02T10:00:00+08:00', roles = 'web') {
  const server = await startTestServer({ env: { ROLES: roles, LOG_LEVEL: 'silent' } });
  const deps: ServiceDeps = server.deps.serviceDeps;
  const setTime = (time: string) => {
    server.deps.clock.offset = new Date(time).getTime() - Date.now();
  };
  setTime(start);
  const { db } = deps;
  // The made-up office of the simulator would be asked over HTTP each time.
  await db.query(`UPDATE case_sources SET disabled_at = created_at WHERE key = 'demo-backoffice'`);
  const accountId = server.deps.accounts.byKey('demo')!.id;
  const police = await sourceOf(db, 'demo-police');
  const hospital = await sourceOf(db, 'demo-hospital');
  return {
    server,
    deps,
    db,
    accountId,
    police,
    hospital,
    setTime,
    store: (sourceId: number, ...reported: Reported[]) =>
      db.transaction((tx) => storeCases(tx, sourceId, reported, deps)),
    bind: (openid: string, document: IdentityDocument, relation?: Relation, name?: string) =>
      bindTo(deps, { accountId, openid }, document, relation, name),
    async citizen(document?: IdentityDocument): Promise<CitizenClient & { openid: string }> {
      const openid = anyone();
      if (document) await this.bind(openid, document);
      return { openid, ...(await signInCitizen(server, openid)) };
    },
    /** what is on its way to a citizen, the oldest first */
    told: (openid: string) =>
      db.query<{ title: string; url: string; not_before: Date | null }>(
        `SELECT body #>> '{notice,title}' AS title, body #>> '{notice,url}' AS url, not_before FROM deliveries
          WHERE openid = $1 ORDER BY id`,
        [openid],
      ),
    close: () => server.stop(),
  };
}

/** The id of one of the demo's sources. */
export async function sourceOf(on: Queryable, key: string): Promise<number> {
  const [row] = await on.query<{ id: number }>('SELECT id FROM case_sources WHERE key = $1', [key]);
  return row!.id;
}

/** A citizen acts for somebody from now on. @returns the person's id */
export const bindTo = (
  { db, clock, encryption }: ServiceDeps,
  citizen: Citizen,
  document: IdentityDocument,
  relation: Relation = 'self',
  name = '示例市民',
) =>
  db.transaction((tx) =>
    bindPerson(tx, { ...citizen, relation, name, phone: '13800000000', document, at: clock.now() }, encryption),
  );

let order = 500;
/** An ID card of nobody's, in a region that is none; the demo has the first. */
export function idCard(): IdentityDocument {
  const first17 = `99000019900101${String(++order).padStart(3, '0')}`;
  return { kind: 'id-card', number: first17 + checkCharacter(first17) };
}

export const step = (number: string, state: string, at: string, more: Partial<Reported> = {}): Reported => ({
  number,
  kind: 'passport',
  state,
  at: new Date(`${at}:00+08:00`),
  ...more,
});
