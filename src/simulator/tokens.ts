import { randomBytes } from 'node:crypto';
import { PlatformError } from './errcode';
import type { SimulatedAccount, Simulator } from './types';

const lifeSeconds = 7200;
/** A superseded token works on for five minutes, so that processes can change over. */
const overlapSeconds = 300;

type Token = { token: string; account: string; issued_at: Date; valid_until: Date; expires_at: Date };
type Issued = { access_token: string; expires_in: number };

/** `cgi-bin/token`: every call makes a new one, and the one before ends five minutes later. */
export async function newPlainToken(sim: Simulator, account: string): Promise<Issued> {
  await supersede(sim, account, 'plain', overlapSeconds);
  return issue(sim, account, 'plain');
}

/** `cgi-bin/stable_token`: the same one until five minutes before its end; the two kinds of token leave each other alone. */
export async function stableToken(sim: Simulator, account: string): Promise<Issued> {
  const now = sim.clock.now();
  const latest = await latestStable(sim, account);
  const left = latest ? Math.floor((latest.valid_until.getTime() - now.getTime()) / 1000) : 0;
  return left >= overlapSeconds ? { access_token: latest!.token, expires_in: left } : issue(sim, account, 'stable');
}

/** `force_refresh`: the token before it ends at once. A second time within 30 s gives what the first gave. */
export async function forcedToken(sim: Simulator, account: string): Promise<Issued> {
  const latest = await latestStable(sim, account);
  const age = latest ? sim.clock.now().getTime() - latest.issued_at.getTime() : Number.POSITIVE_INFINITY;
  if (age < 30_000) return stableToken(sim, account);
  await supersede(sim, account, 'stable', 0);
  return issue(sim, account, 'stable');
}

/** Whose token this is. */
export async function accountOfToken(sim: Simulator, token: string | null): Promise<SimulatedAccount> {
  if (!token) throw new PlatformError(41001);
  const [row] = await sim.db.query<Token>('SELECT * FROM simulator.tokens WHERE token = $1', [token]);
  const account = row && (await sim.accounts.byKey(row.account));
  if (!row || !account) throw new PlatformError(40001);
  const now = sim.clock.now();
  if (now >= row.expires_at) throw new PlatformError(42001);
  if (now >= row.valid_until) throw new PlatformError(40001);
  return account;
}

export async function accountByAppid(sim: Simulator, appid: string | null | undefined): Promise<SimulatedAccount> {
  if (!appid) throw new PlatformError(41002);
  const account = (await sim.accounts.list()).find((one) => one.appid === appid);
  if (!account) throw new PlatformError(40013);
  return account;
}

/** The account by appid and secret, as the token and OAuth calls are signed. */
export async function accountBySecret(
  sim: Simulator,
  appid?: string | null,
  secret?: string | null,
): Promise<SimulatedAccount> {
  const account = await accountByAppid(sim, appid);
  if (!secret) throw new PlatformError(41004);
  if (account.secret !== secret) throw new PlatformError(40125);
  return account;
}

async function latestStable(sim: Simulator, account: string): Promise<Token | undefined> {
  const [row] = await sim.db.query<Token>(
    `SELECT * FROM simulator.tokens WHERE account = $1 AND kind = 'stable' ORDER BY issued_at DESC, token LIMIT 1`,
    [account],
  );
  return row;
}

async function issue(sim: Simulator, account: string, kind: string): Promise<Issued> {
  const now = sim.clock.now();
  const token = `${Math.floor(Math.random() * 90 + 10)}_${randomBytes(84).toString('base64url')}`;
  const ends = new Date(now.getTime() + lifeSeconds * 1000);
  await sim.db.query(
    `INSERT INTO simulator.tokens (token, account, kind, issued_at, valid_until, expires_at) VALUES ($1, $2, $3, $4, $5, $5)`,
    [token, account, kind, now, ends],
  );
  return { access_token: token, expires_in: lifeSeconds };
}

async function supersede(sim: Simulator, account: string, kind: string, graceSeconds: number) {
  const end = new Date(sim.clock.now().getTime() + graceSeconds * 1000);
  await sim.db.query(
    'UPDATE simulator.tokens SET valid_until = $3 WHERE account = $1 AND kind = $2 AND valid_until > $3',
    [account, kind, end],
  );
}
