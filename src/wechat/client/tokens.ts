import type { Account } from '../../people/accounts';
import type { Clock } from '../../platform/clock';
import type { Database, Queryable } from '../../platform/database';
import type { FieldEncryption } from '../../platform/field-encryption';
import type { Metrics } from '../../platform/metrics';

export type TokenKind = 'access_token' | 'jsapi_ticket';
export type Fetched = { value: string; expiresIn: number };
export type FetchToken = (account: Account) => Promise<Fetched>;

type Kept = { value: string; version: number; until: number };
type Deps = { db: Database; encryption: FieldEncryption; clock: Clock; metrics: Metrics };

/** Advisory locks of this module; the second half is the account. */
const locks: Record<TokenKind, number> = { access_token: 7269011, jsapi_ticket: 7269012 };

/** Long enough for one slow answer of the token endpoint in another process. */
const patience = '20s';

/** A token that was refused although it is the newest is not asked for again within this. */
const askAgainAfterMillis = 10_000;

export type Tokens = ReturnType<typeof createTokens>;

/**
 * Tokens of one kind for every account, fetched once for all processes: the row in Postgres is the truth (sealed, with a version),
 * an advisory lock lets one process fetch while the others wait for its result, and each process remembers what it read.
 */
export function createTokens(kind: TokenKind, { db, encryption, clock, metrics }: Deps, fetchToken: FetchToken) {
  // By appid, since an admin may correct it: what was given to the other one must not be used any more.
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Kept>>();
  const refusedAt = new Map<string, number>();

  return {
    /** The value to use now. */
    async get(account: Account): Promise<string> {
      const known = kept.get(account.appid);
      if (known && known.until > clock.millis()) return known.value;
      return (await alone(account, known?.version)).value;
    },
    /** What to use instead of a value that the platform refused: what another process has fetched meanwhile, else a new one. */
    async replace(account: Account, refused: string): Promise<string> {
      const known = kept.get(account.appid);
      if (known && known.value !== refused && known.until > clock.millis()) return known.value;
      const since = clock.millis() - (refusedAt.get(account.appid) ?? Number.NEGATIVE_INFINITY);
      if (since >= 0 && since < askAgainAfterMillis) return refused;
      const fresh = await alone(account, known?.version, refused);
      if (fresh.value === refused) refusedAt.set(account.appid, clock.millis());
      return fresh.value;
    },
    /** A new look at the platform, for «test this account»: whether it gives this account a token now. */
    async check(account: Account): Promise<void> {
      kept.set(account.appid, await fetchAndStore(account, undefined, true));
    },
  };

  /** All callers of this process share one look-up or fetch. */
  function alone(account: Account, version: number | undefined, refused?: string): Promise<Kept> {
    let turn = underWay.get(account.appid);
    if (!turn) {
      turn = find(account, version, refused)
        .then((found) => {
          kept.set(account.appid, found);
          return found;
        })
        .finally(() => underWay.delete(account.appid));
      underWay.set(account.appid, turn);
    }
    return turn;
  }

  async function find(account: Account, version: number | undefined, refused?: string): Promise<Kept> {
    const stored = await read(db, account);
    return stored && usable(stored, version, refused) ? stored : fetchAndStore(account, version, false, refused);
  }

  function usable(stored: Kept, version: number | undefined, refused: string | undefined): boolean {
    if (stored.until <= clock.millis()) return false;
    return refused === undefined || (stored.version !== version && stored.value !== refused);
  }

  /** The connection is held during the call; it is bounded by the call's time limit, and there is one a process and account. */
  function fetchAndStore(
    account: Account,
    version: number | undefined,
    always: boolean,
    refused?: string,
  ): Promise<Kept> {
    return db.transaction(async (tx) => {
      await tx.query(`SELECT set_config('lock_timeout', $1, true)`, [patience]);
      await tx.query('SELECT pg_advisory_xact_lock($1, $2)', [locks[kind], account.id]);
      const stored = await read(tx, account);
      if (!always && stored && usable(stored, version, refused)) return stored;
      const fetched = await count(() => fetchToken(account));
      return store(tx, account, fetched, stored?.version ?? 0);
    });
  }

  async function count(fetching: () => Promise<Fetched>): Promise<Fetched> {
    try {
      const fetched = await fetching();
      metrics.tokenRefreshes.inc({ outcome: 'ok' });
      return fetched;
    } catch (error) {
      metrics.tokenRefreshes.inc({ outcome: 'failed' });
      throw error;
    }
  }

  async function read(on: Queryable, account: Account): Promise<Kept | undefined> {
    const [row] = await on.query<{ value_sealed: string; version: number; expires_at: Date }>(
      'SELECT value_sealed, version, expires_at FROM access_tokens WHERE account_id = $1 AND kind = $2',
      [account.id, kind],
    );
    return row && { value: encryption.open(row.value_sealed), version: row.version, until: row.expires_at.getTime() };
  }

  /** Compare and swap: whoever fetched for an older version must not overwrite a newer one. */
  async function store(tx: Queryable, account: Account, { value, expiresIn }: Fetched, version: number): Promise<Kept> {
    const until = clock.millis() + usableSeconds(expiresIn) * 1000;
    const swapped = await tx.query<{ version: number }>(
      `INSERT INTO access_tokens AS t (account_id, kind, value_sealed, expires_at, version) VALUES ($1, $2, $3, $4, $5 + 1)
       ON CONFLICT (account_id, kind) DO UPDATE
         SET value_sealed = excluded.value_sealed, expires_at = excluded.expires_at, version = excluded.version
         WHERE t.version = $5
       RETURNING version`,
      [account.id, kind, encryption.seal(value), new Date(until), version],
    );
    if (swapped[0]) return { value, version: swapped[0].version, until };
    return (await read(tx, account))!;
  }
}

/**
 * In its last five minutes the platform already gives the next token while the old one still works: changing over a minute into
 * that overlap loses no call. Something that lives shorter is used for half of its life.
 */
function usableSeconds(expiresIn: number): number {
  return expiresIn > 300 ? expiresIn - 240 : Math.floor(expiresIn / 2);
}
