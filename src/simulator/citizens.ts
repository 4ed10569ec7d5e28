import { randomBytes } from 'node:crypto';
import type { Simulator } from './types';

export type Citizen = {
  account: string;
  openid: string;
  name: string;
  following: boolean;
  followed_at: Date | null;
  subscribe_scene: string;
  qr_scene: string;
  remark: string;
  tags: number[];
  read_to: string;
  interacted_at: Date | null;
};

export async function findCitizen({ db }: Simulator, account: string, openid: string): Promise<Citizen | undefined> {
  const [row] = await db.query<Citizen>('SELECT * FROM simulator.citizens WHERE account = $1 AND openid = $2', [
    account,
    openid,
  ]);
  return row;
}

/** Someone new who has not followed yet, with an openid as WeChat makes them (28 characters). */
export async function makeCitizen(sim: Simulator, account: string, name?: string): Promise<Citizen> {
  const openid = `o${randomBytes(20).toString('base64url')}`.slice(0, 28);
  const [count] = await sim.db.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM simulator.citizens WHERE account = $1',
    [account],
  );
  await sim.db.query(
    `INSERT INTO simulator.citizens (account, openid, name, following, made_at) VALUES ($1, $2, $3, false, $4)`,
    [account, openid, name || `市民${(count?.n ?? 0) + 1}`, sim.clock.now()],
  );
  return (await findCitizen(sim, account, openid))!;
}

/** The citizen of this openid. One never seen is taken for an old follower, so that a test may use any name. */
export async function meetCitizen(sim: Simulator, account: string, openid: string): Promise<Citizen> {
  await sim.db.query(
    `INSERT INTO simulator.citizens (account, openid, name, following, followed_at, made_at) VALUES ($1, $2, $2, true, $3, $3)
     ON CONFLICT DO NOTHING`,
    [account, openid, sim.clock.now()],
  );
  return (await findCitizen(sim, account, openid))!;
}

/** Makes the citizen of this openid known without following, for the one who is about to follow. */
export async function expectCitizen(sim: Simulator, account: string, openid: string): Promise<Citizen> {
  await sim.db.query(
    `INSERT INTO simulator.citizens (account, openid, name, following, made_at) VALUES ($1, $2, $2, false, $3) ON CONFLICT DO NOTHING`,
    [account, openid, sim.clock.now()],
  );
  return (await findCitizen(sim, account, openid))!;
}

export async function follow(sim: Simulator, account: string, openid: string, scene: string) {
  await sim.db.query(
    `UPDATE simulator.citizens SET following = true, followed_at = $3, qr_scene = $4, subscribe_scene = $5
     WHERE account = $1 AND openid = $2`,
    [account, openid, sim.clock.now(), scene, scene ? 'ADD_SCENE_QR_CODE' : 'ADD_SCENE_SEARCH'],
  );
}

/** Who leaves takes the windows for messages and the consents along; tags and remark are gone as well. */
export async function unfollow(sim: Simulator, account: string, openid: string) {
  await sim.db.query(
    `UPDATE simulator.citizens SET following = false, tags = '{}', remark = '' WHERE account = $1 AND openid = $2`,
    [account, openid],
  );
  await sim.db.query('DELETE FROM simulator.allowances WHERE account = $1 AND openid = $2', [account, openid]);
  await sim.db.query('DELETE FROM simulator.consents WHERE account = $1 AND openid = $2', [account, openid]);
}

/**
 * The next MsgId of this citizen. Every citizen's count starts at the same number: MsgIds of different people do collide, and
 * whoever tells messages apart by MsgId alone shall notice it here.
 */
export async function nextMsgId(sim: Simulator, account: string, openid: string): Promise<bigint> {
  const [row] = await sim.db.query<{ messages_sent: string }>(
    `WITH sent AS (UPDATE simulator.citizens SET messages_sent = messages_sent + 1 WHERE account = $1 AND openid = $2
       RETURNING messages_sent) SELECT messages_sent FROM sent`,
    [account, openid],
  );
  return 24_401_360_000_000_000n + BigInt(row!.messages_sent);
}
