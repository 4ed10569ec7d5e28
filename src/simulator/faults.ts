import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Simulator } from './types';

const everything = z.union([z.literal(true), z.string().min(1).max(100)]);

/** What may be ordered to go wrong. A `kind` of digits is answered as that errcode. */
export const faultForm = z
  .strictObject({
    api: everything.optional(),
    push: everything.optional(),
    account: z.string().optional(),
    kind: z.union([
      z.enum(['latency', 'busy', 'drop', 'drop-after', 'repeat', 'reorder', 'quota', 'user-block', 'system-failed']),
      z.string().regex(/^-?\d{1,6}$/),
      z.number().int().transform(String),
    ]),
    times: z.number().int().min(1).max(1_000_000).optional(),
    rate: z.number().min(0).max(1).optional(),
    seed: z.union([z.string(), z.number()]).transform(String).default('1'),
    ms: z.number().int().min(0).max(600_000).optional(),
    limit: z.number().int().min(0).optional(),
  })
  .refine((fault) => (fault.api === undefined) !== (fault.push === undefined), {
    error: 'api 与 push 须且只须给出一个',
  })
  .refine((fault) => fault.times === undefined || fault.rate === undefined, { error: 'times 与 rate 只能给出一个' })
  .refine((fault) => (fault.kind === 'quota') === (fault.limit !== undefined), {
    error: 'limit（每日次数）与 kind 为 quota 时才成对使用',
  })
  .refine((fault) => fault.push === undefined || pushKinds.has(fault.kind), {
    error: '推送（push）的故障只有 latency、drop、drop-after、repeat、reorder',
  });

const pushKinds = new Set(['latency', 'drop', 'drop-after', 'repeat', 'reorder']);

export type Fault = {
  id: string;
  side: 'api' | 'push';
  name: string;
  account: string | null;
  kind: string;
  times: number | null;
  rate: number | null;
  seed: string;
  ms: number | null;
  daily_limit: number | null;
  rolls: number;
  fired: number;
};

/** What goes wrong with one call: how long it is held up first, then at most one fault. */
export type Misfortune = { latency: number; kind?: string; ms?: number };

export async function addFault({ db }: Simulator, form: z.infer<typeof faultForm>): Promise<Fault> {
  const name = form.api ?? form.push;
  const [fault] = await db.query<Fault>(
    `INSERT INTO simulator.faults (side, name, account, kind, times, rate, seed, ms, daily_limit)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *`,
    [
      form.api === undefined ? 'push' : 'api',
      name === true ? '*' : faultName(String(name)),
      form.account ?? null,
      form.kind,
      form.times ?? null,
      form.rate ?? null,
      form.seed,
      form.ms ?? null,
      form.limit ?? null,
    ],
  );
  return fault!;
}

export const listFaults = ({ db }: Simulator) => db.query<Fault>('SELECT * FROM simulator.faults ORDER BY id');
export const clearFaults = ({ db }: Simulator) => db.query('DELETE FROM simulator.faults');

/** Draws what befalls this call. Every fault counts the calls it could have struck, so the same seed strikes the same ones. */
export async function drawFault(
  { db }: Simulator,
  side: Fault['side'],
  name: string,
  account?: string,
): Promise<Misfortune> {
  const candidates = await db.query<Fault>(
    `SELECT * FROM simulator.faults WHERE side = $1 AND name IN ('*', $2) AND kind <> 'quota'
     AND (account IS NULL OR account = $3) AND (times IS NULL OR fired < times) ORDER BY id`,
    [side, faultName(name), account ?? null],
  );
  const drawn: Misfortune = { latency: 0 };
  for (const fault of candidates) {
    if (fault.kind !== 'latency' && drawn.kind) continue;
    if (!(await strikes(db, fault))) continue;
    if (fault.kind === 'latency') drawn.latency += fault.ms ?? 1000;
    else Object.assign(drawn, { kind: fault.kind, ms: fault.ms ?? undefined });
  }
  return drawn;
}

/** The daily limit that a fault of kind `quota` puts in place of the platform's own. */
export async function orderedLimit({ db }: Simulator, api: string, account: string): Promise<number | undefined> {
  const [fault] = await db.query<Fault>(
    `SELECT * FROM simulator.faults WHERE side = 'api' AND kind = 'quota' AND name IN ('*', $1)
     AND (account IS NULL OR account = $2) ORDER BY daily_limit LIMIT 1`,
    [faultName(api), account],
  );
  return fault?.daily_limit ?? undefined;
}

async function strikes(db: Simulator['db'], fault: Fault): Promise<boolean> {
  const [roll] = await db.query<{ rolls: number }>(
    `WITH rolled AS (UPDATE simulator.faults SET rolls = rolls + 1 WHERE id = $1 AND (times IS NULL OR fired < times)
       RETURNING rolls) SELECT rolls FROM rolled`,
    [fault.id],
  );
  if (!roll) return false;
  if (fault.rate !== null && chance(fault.seed, roll.rolls) >= fault.rate) return false;
  const fired = await db.query(
    `WITH struck AS (UPDATE simulator.faults SET fired = fired + 1 WHERE id = $1 AND (times IS NULL OR fired < times)
       RETURNING id) SELECT id FROM struck`,
    [fault.id],
  );
  return fired.length > 0;
}

/** A number from 0 to 1 that is the same for the same seed and turn, in every process and on every machine. */
function chance(seed: string, turn: number): number {
  return createHash('sha256').update(`${seed}:${turn}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** `/cgi-bin/message/custom/send` and `message/custom/send` are the same; events are known in any case. */
function faultName(name: string): string {
  return name
    .replace(/^\/+/, '')
    .replace(/^cgi-bin\//, '')
    .toLowerCase();
}
