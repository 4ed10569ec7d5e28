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
  /** the latest last */
  const ended = new Map<string, Ended>();
  // Before the reading, which may miss what comes meanwhile.
  events.subscribe(topic, (data) => learn(data as SignOut));
  // At start and after a gap; in between each sign-out says itself what it is.
  await events.follow('reconnected', async () => {
    const rows = await db.query<{ citizen_hash: string; at: Date; links_at: Date | null }>(
      'SELECT citizen_hash, at, links_at FROM citizen_sign_outs WHERE at > $1 ORDER BY at',
      [new Date(clock.millis() - keptMillis)],
    );
    for (const { citizen_hash, at, links_at } of rows)
      learn({ hash: citizen_hash, sessions: at.getTime(), links: links_at?.getTime() ?? 0 });
  });

  function learn({ hash, sessions, links }: SignOut): void {
    const known = ended.get(hash);
    ended.delete(hash);
    ended.set(hash, { sessions: Math.max(sessions, known?.sessions ?? 0), links: Math.max(links, known?.links ?? 0) });
    for (const [old, { sessions }] of ended) {
      if (sessions > clock.millis() - keptMillis) break;
      ended.delete(old);
    }
  }

  async function store(on: Queryable, hash: string, at: Date, links: Date | null): Promise<SignOut> {
    await on.query(
      `INSERT INTO citizen_sign_outs AS s (citizen_hash, at, links_at) VALUES ($1, $2, $3)
       ON CONFLICT (citizen_hash) DO UPDATE SET at = greatest(s.at, excluded.at),
         links_at = greatest(s.links_at, excluded.links_at)`,
      [hash, at, links],
    );
    const signOut = { hash, sessions: at.getTime(), links: links?.getTime() ?? 0 };
    await events.publish(topic, signOut, on);
    return signOut;
  }

  return {
    /** The citizen's pages are signed in no more, on any phone; the links in their chat stay. */
    async endSessions(citizen: Citizen): Promise<void> {
      // Here at once, elsewhere when they hear of it.
      learn(await store(db, citizenHash(citizen, encryption), clock.now(), null));
    },

    /** From the commit on, neither a page nor a link that is out holds. */
    async endEverything(tx: Tx, citizen: Citizen): Promise<void> {
      const at = clock.now();
      await store(tx, citizenHash(citizen, encryption), at, at);
    },

    /** Whether what was signed for a citizen at a time still holds. */
    holds(citizen: Citizen, what: keyof Ended, signedMillis: number): boolean {
      if (ended.size === 0) return true;
      return signedMillis > (ended.get(citizenHash(citizen, encryption))?.[what] ?? 0);
    },
  };
}

type Ended = { sessions: number; links: number };
type SignOut = Ended & { hash: string };

export const dropOldSignOuts = (on: Queryable, at: Date): Promise<unknown> =>
  on.query('DELETE FROM citizen_sign_outs WHERE at < $1', [new Date(at.getTime() - keptMillis)]);
