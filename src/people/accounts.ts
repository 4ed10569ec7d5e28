import type { Clock } from '../platform/clock';
import type { Database, Queryable } from '../platform/database';
import type { Events } from '../platform/events';
import type { FieldEncryption } from '../platform/field-encryption';
import { StartupError } from '../platform/startup-error';

export type AccountMode = 'plain' | 'compat' | 'safe';

/** A WeChat official account with its secrets opened. Lives in memory only; nothing of it but key, title and appid is ever shown. */
export type Account = {
  id: number;
  key: string;
  title: string;
  organisationId: number;
  appid: string;
  /** gh_…: what callbacks name in ToUserName */
  originalId: string;
  mode: AccountMode;
  secret: string;
  /** Current first; the previous one is accepted while WeChat goes over to the new one. */
  tokens: string[];
  aesKeys: string[];
  settings: AccountSettings;
};

export type AccountSettings = {
  /** refuse callbacks whose timestamp is further away than this; WeChat does not ask for it, off by default */
  freshnessSeconds?: number;
  /** long-term subscription templates and message templates by notice kind, see delivery */
  noticeTemplates?: Record<string, unknown>;
};

export type NewAccount = {
  key: string;
  title: string;
  organisationId: number;
  appid: string;
  originalId: string;
  mode: AccountMode;
  secret: string;
  token: string;
  aesKey: string;
};

export type AccountEdit = {
  title?: string;
  appid?: string;
  originalId?: string;
  /** those alone that change; null takes one away */
  settings?: { [Name in keyof AccountSettings]: AccountSettings[Name] | null };
};

export type DisabledAccount = { id: number; key: string; title: string; organisationId: number; disabledAt: Date };

export type Accounts = Awaited<ReturnType<typeof openAccounts>>;

/** All enabled accounts, held in memory so that a callback needs no query; a change anywhere reaches every process by event. */
export async function openAccounts({
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
  let byKey = new Map<string, Account>();
  let byId = new Map<number, Account>();
  const reload = async () => {
    const rows = await db.query<AccountRow>('SELECT * FROM accounts WHERE disabled_at IS NULL ORDER BY id');
    const accounts = rows.map((row) => openRow(row, encryption));
    byKey = new Map(accounts.map((account) => [account.key, account]));
    byId = new Map(accounts.map((account) => [account.id, account]));
  };
  try {
    await events.follow('accounts', reload);
  } catch (error) {
    if (!isForeignKeyFault(error)) throw error;
    throw new StartupError('SECRET_KEY 与这个数据库原来用的不同，公众号的密钥解不开：请设回原来的 SECRET_KEY');
  }

  const changed = async (on: Queryable) => events.publish('accounts', null, on);

  return {
    byKey: (key: string) => byKey.get(key),
    byId: (id: number) => byId.get(id),
    list: () => [...byKey.values()],
    reload,
    async add(account: NewAccount, on: Queryable = db): Promise<number> {
      const [row] = await on.query<{ id: number }>(
        `INSERT INTO accounts (key, title, organisation_id, appid, original_id, mode, secret_sealed, token_sealed, aes_key_sealed, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
        [
          account.key,
          account.title,
          account.organisationId,
          account.appid,
          account.originalId,
          account.mode,
          encryption.seal(account.secret),
          encryption.seal(account.token),
          encryption.seal(account.aesKey),
          clock.now(),
        ],
      );
      await changed(on);
      return row!.id;
    },
    /** New token, AES key, secret or mode; what is replaced is accepted until `endRotation`. */
    async rotate(
      id: number,
      fresh: { token?: string; aesKey?: string; secret?: string; mode?: AccountMode },
      on: Queryable = db,
    ): Promise<void> {
      await on.query(
        `UPDATE accounts SET
           previous_token_sealed = CASE WHEN $2::text IS NULL THEN previous_token_sealed ELSE token_sealed END,
           previous_aes_key_sealed = CASE WHEN $3::text IS NULL THEN previous_aes_key_sealed ELSE aes_key_sealed END,
           token_sealed = coalesce($2, token_sealed), aes_key_sealed = coalesce($3, aes_key_sealed),
           secret_sealed = coalesce($4, secret_sealed), mode = coalesce($5, mode)
         WHERE id = $1`,
        [
          id,
          seal(fresh.token, encryption),
          seal(fresh.aesKey, encryption),
          seal(fresh.secret, encryption),
          fresh.mode ?? null,
        ],
      );
      await changed(on);
    },
    /** What stands in WeChat's own console or is ours to say. @throws a unique violation for an appid that another account has */
    async edit(id: number, { settings = {}, ...fresh }: AccountEdit, on: Queryable = db): Promise<void> {
      await on.query(
        `UPDATE accounts SET title = coalesce($2, title), appid = coalesce($3, appid), original_id = coalesce($4, original_id),
           settings = (settings || $5::jsonb) - $6::text[]
         WHERE id = $1`,
        [
          id,
          fresh.title ?? null,
          fresh.appid ?? null,
          fresh.originalId ?? null,
          JSON.stringify(settings),
          Object.keys(settings).filter((name) => settings[name as keyof AccountSettings] === null),
        ],
      );
      // They were given to the other appid.
      if (fresh.appid) await on.query('DELETE FROM access_tokens WHERE account_id = $1', [id]);
      await changed(on);
    },
    /** From then on its callbacks are those of an unknown account. Nothing of it is lost. */
    async disable(id: number, on: Queryable = db): Promise<void> {
      await on.query('UPDATE accounts SET disabled_at = $2 WHERE id = $1', [id, clock.now()]);
      await changed(on);
    },
    async enable(id: number, on: Queryable = db): Promise<void> {
      await on.query('UPDATE accounts SET disabled_at = NULL WHERE id = $1', [id]);
      await changed(on);
    },
    /** Those that are disabled, which nothing else here knows of. */
    disabled: (): Promise<DisabledAccount[]> =>
      db.query(
        `SELECT id, key, title, organisation_id AS "organisationId", disabled_at AS "disabledAt"
           FROM accounts WHERE disabled_at IS NOT NULL ORDER BY id`,
      ),
    async endRotation(id: number, on: Queryable = db): Promise<void> {
      await on.query('UPDATE accounts SET previous_token_sealed = NULL, previous_aes_key_sealed = NULL WHERE id = $1', [
        id,
      ]);
      await changed(on);
    },
  };
}

type AccountRow = {
  id: number;
  key: string;
  title: string;
  organisation_id: number;
  appid: string;
  original_id: string;
  mode: AccountMode;
  secret_sealed: string;
  token_sealed: string;
  aes_key_sealed: string;
  previous_token_sealed: string | null;
  previous_aes_key_sealed: string | null;
  settings: AccountSettings;
};

function openRow(row: AccountRow, encryption: FieldEncryption): Account {
  const openAll = (sealed: (string | null)[]) =>
    sealed.filter((one) => one !== null).map((one) => encryption.open(one));
  return {
    id: row.id,
    key: row.key,
    title: row.title,
    organisationId: row.organisation_id,
    appid: row.appid,
    originalId: row.original_id,
    mode: row.mode,
    secret: encryption.open(row.secret_sealed),
    tokens: openAll([row.token_sealed, row.previous_token_sealed]),
    aesKeys: openAll([row.aes_key_sealed, row.previous_aes_key_sealed]),
    settings: row.settings,
  };
}

/** What Node says of a sealed text that was sealed with another key. */
const isForeignKeyFault = (error: unknown) =>
  error instanceof Error && /unable to authenticate data/.test(error.message);

const seal = (text: string | undefined, encryption: FieldEncryption) =>
  text === undefined ? null : encryption.seal(text);
