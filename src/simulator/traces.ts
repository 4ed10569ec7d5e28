import { storableText } from './messages';
import type { Simulator } from './types';

export type Trace = {
  attempt: number;
  mode: string;
  requestUrl: string;
  requestXml: string;
  plainXml: string;
  status: number | null;
  responseXml: string | null;
  plainResponseXml: string | null;
  ms: number;
  error: string | null;
};

export async function nextTraceId({ db }: Simulator): Promise<number> {
  const [row] = await db.query<{ id: string }>(`SELECT nextval('simulator.trace_ids') AS id`);
  return Number(row!.id);
}

/** Keeps one attempt at a push. `pushId` is the number of the first attempt. */
export async function recordTrace(
  sim: Simulator,
  id: number,
  pushId: number,
  account: string,
  openid: string,
  trace: Trace,
) {
  const text = (value: string | null) => (value === null ? null : storableText(value));
  await sim.db.query(
    `INSERT INTO simulator.traces (id, push_id, account, openid, at, attempt, mode, request_url, request_xml, plain_xml, status,
       response_xml, plain_response_xml, ms, error)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      id,
      pushId,
      account,
      openid,
      sim.clock.now(),
      trace.attempt,
      trace.mode,
      trace.requestUrl,
      text(trace.requestXml),
      text(trace.plainXml),
      trace.status,
      text(trace.responseXml),
      text(trace.plainResponseXml),
      Math.round(trace.ms),
      trace.error,
    ],
  );
}

const columns = `id, push_id AS "pushId", at, attempt, mode, request_url AS "requestUrl", request_xml AS "requestXml",
  plain_xml AS "plainXml", status, response_xml AS "responseXml", plain_response_xml AS "plainResponseXml", ms, error`;

export async function listTraces(
  { db }: Simulator,
  account: string,
  openid: string,
  page: { before?: number; limit: number },
) {
  const rows = await db.query<Trace & { id: string; pushId: string; at: Date }>(
    `SELECT ${columns} FROM simulator.traces WHERE account = $1 AND openid = $2 AND ($3::bigint IS NULL OR id < $3)
     ORDER BY id DESC LIMIT $4`,
    [account, openid, page.before ?? null, page.limit],
  );
  return rows.map(shown);
}

export async function findTrace({ db }: Simulator, account: string, openid: string, id: number) {
  const [row] = await db.query<Trace & { id: string; pushId: string; at: Date }>(
    `SELECT ${columns} FROM simulator.traces WHERE account = $1 AND openid = $2 AND id = $3`,
    [account, openid, id],
  );
  return row && shown(row);
}

function shown(row: Trace & { id: string; pushId: string; at: Date }) {
  return { ...row, id: Number(row.id), pushId: Number(row.pushId), at: row.at.toISOString() };
}
