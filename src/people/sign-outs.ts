import type { Clock } from '../platform/clock';
import type { Database, Queryable, Tx } from '../platform/database';
import type { Events } from '../platform/events';
import type { FieldEncryption } from '../platform/field-encryption';
import { type Citizen, citizenHash } from './citizen';

/** Longer than anything lasts that a citizen is signed in with: a link to their questions, 30 days. */
const keptMillis = 31 * 24 * 3600_000;
const topic = 'citizen-sign-outs';

export type SignOuts = Awaited<ReturnType<typeof openSignOuts>>;

/**
 * Tokens and links of citizens are signed and kept nowhere; what is kept is since when the earlier ones hold no more. In memory, so
 * that a page's request needs no query.
 */
export async function openSignOuts({
  db,
  events,
  encryption,
  clock,
}: {
  db: Database;
  events: Events;
  encryption: FieldEncryption;
  clock: Clock;
}) {
  let ended = new Map<string, Ended>();
  await events.follow(topic, async () => {
    const rows = await db.query<{ citizen_hash: string; at: Date; links_at: Date | null }>(
      'SELECT citizen_hash, at, links_at FROM citizen_sign_outs WHERE at > $1',
      [new Date(clock.millis() - keptMillis)],
    );
    ended = new Map(
      rows.map(({ citizen_hash, at, links_at }) => [
        citizen_hash,
        { sessions: at.getTime(), links: links_at?.getTime() ?? 0 },
      ]),
    );
  });

  async function store(on: Queryable, hash: string, at: Date, links: Date | null): Promise<void> {
    await on.query(
      `INSERT INTO citizen_sign_outs AS s (citizen_hash, at, links_at) VALUES ($1, $2, $3)
       ON CONFLICT (citizen_hash) DO UPDATE SET at = greatest(s.at, excluded.at),
         links_at = greatest(s.links_at, excluded.links_at)`,
      [hash, at, links],
    );
    await events.publish(topic, null, on);
  }

  return {
    /** The citizen's pages are signed in no more, on any phone; the links in their chat stay. */
    async endSessions(citizen: Citizen): Promise<void> {
      const hash = citizenHash(citizen, encryption);
      const at = clock.now();
      await store(db, hash, at, null);
      // Here at once, elsewhere when they hear of it.
      ended.set(hash, { links: 0, ...ended.get(hash), sessions: at.getTime() });
    },

    /** From the commit on, neither a page nor a link that is out holds. */
    endEverything: (tx: Tx, citizen: Citizen): Promise<void> =>
      store(tx, citizenHash(citizen, encryption), clock.now(), clock.now()),

    /** Whether what was signed for a citizen at a time still holds. */
    holds(citizen: Citizen, what: keyof Ended, signedMillis: number): boolean {
      if (ended.size === 0) return true;
      return signedMillis > (ended.get(citizenHash(citizen, encryption))?.[what] ?? 0);
    },
  };
}

type Ended = { sessions: number; links: number };

export const dropOldSignOuts = (on: Queryable, at: Date): Promise<unknown> =>
  on.query('DELETE FROM citizen_sign_outs WHERE at < $1', [new Date(at.getTime() - keptMillis)]);
