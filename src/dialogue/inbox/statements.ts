/**
 * The statements of the callback path. Each takes a whole group of messages and reaches its rows through primary keys
 * (sent_at also picks the partition), so none grows with history. test/dialogue/inbox-plans.test.ts reads their plans.
 */

/**
 * Where each chat stands, and whether this very message is known already. LATERAL with LIMIT: one look-up by primary key for each
 * message, whatever the planner believes. A plain join prepared while the tables are empty is a hash join over all of the inbox, and stays one.
 */
export const load = `
  SELECT (k.n - 1)::int AS n, s.version, s.state, s.following, s.waiting,
         i.status, i.reply, i.sealed, extract(epoch FROM i.received_at)::float8 AS answered_at
    FROM ROWS FROM (json_to_recordset($1::json) AS (account_id int, openid text, sent float8, dedupe text)) WITH ORDINALITY
         AS k (account_id, openid, sent, dedupe, n)
    LEFT JOIN LATERAL (
      SELECT version, state, following, waiting FROM sessions WHERE account_id = k.account_id AND openid = k.openid LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
      SELECT status, reply, sealed, received_at FROM inbox
       WHERE account_id = k.account_id AND openid = k.openid AND sent_at = to_timestamp(k.sent) AND dedupe = k.dedupe LIMIT 1
    ) i ON true`;

const sessionNames = 'account_id, openid, version, state, contact, following, waiting';
const sessionColumns =
  'unnest($2::int[]), unnest($3::text[]), unnest($4::int[]), unnest($5::json[]), unnest($6::int[]), unnest($7::bool[]), unnest($8::int[])';

/**
 * Writes the sessions of `m`. One that is no longer as it was loaded (its version, or what waits for its citizen) is left alone and
 * is not returned.
 * 48 hours and 5 messages after a message, 1 minute and 3 after a tap: WeChat's windows for customer-service messages.
 */
const writeSessions = `
    INSERT INTO sessions AS s (account_id, openid, version, state, following, first_at, last_at, waiting, message_until, message_left, tap_until, tap_left)
    SELECT account_id, openid, version + 1, state, following, at, at, waiting,
           CASE contact WHEN 1 THEN at + interval '48 hours' END, CASE contact WHEN 1 THEN 5 ELSE 0 END,
           CASE contact WHEN 2 THEN at + interval '1 minute' END, CASE contact WHEN 2 THEN 3 ELSE 0 END
      FROM m, to_timestamp($1::float8) AS at
    ON CONFLICT (account_id, openid) DO UPDATE SET
      version = excluded.version, state = excluded.state, following = excluded.following, last_at = excluded.last_at,
      message_until = CASE WHEN NOT excluded.following THEN NULL ELSE coalesce(excluded.message_until, s.message_until) END,
      message_left = CASE WHEN excluded.message_until IS NULL THEN s.message_left ELSE excluded.message_left END,
      tap_until = CASE WHEN NOT excluded.following THEN NULL ELSE coalesce(excluded.tap_until, s.tap_until) END,
      tap_left = CASE WHEN excluded.tap_until IS NULL THEN s.tap_left ELSE excluded.tap_left END
      WHERE s.version = excluded.version - 1 AND s.waiting = excluded.waiting
    RETURNING s.account_id, s.openid`;

/**
 * Session and message of each in one go, by columns: Postgres reads arrays in half the time of JSON. Returned are, as places in the array, those whose session has moved meanwhile: nothing of
 * them is stored, and they are answered anew.
 */
export const commit = `
  WITH m AS (
    SELECT * FROM ROWS FROM (${sessionColumns},
        unnest($9::float8[]), unnest($10::text[]), unnest($11::text[]), unnest($12::json[]), unnest($13::json[]), unnest($14::text[]),
        unnest($15::text[]), unnest($16::text[])) WITH ORDINALITY
      AS m (${sessionNames}, sent, dedupe, kind, message, reply, sealed, status, handled_by, n)
  ), s AS (${writeSessions}
  ), i AS (
    INSERT INTO inbox (account_id, openid, sent_at, dedupe, received_at, kind, message, reply, sealed, status, handled_by)
    SELECT m.account_id, m.openid, to_timestamp(m.sent), m.dedupe, to_timestamp($1::float8), m.kind, m.message, m.reply,
           m.sealed, m.status, m.handled_by
      FROM m JOIN s ON s.account_id = m.account_id AND s.openid = m.openid
  )
  SELECT (n - 1)::int AS n FROM m WHERE NOT EXISTS (SELECT FROM s WHERE s.account_id = m.account_id AND s.openid = m.openid)`;

/** The sessions alone, for a message that is stored already. */
export const saveSessions = `
  WITH m AS (
    SELECT * FROM ROWS FROM (${sessionColumns}) AS m (${sessionNames})
  )${writeSessions}`;

/** Acknowledged without an answer, which follows as a delivery. Nothing happens where the answer was committed meanwhile. */
export const insertLate = `
  INSERT INTO inbox (account_id, openid, sent_at, dedupe, received_at, kind, message, sealed, status, process_id)
  VALUES ($1, $2, to_timestamp($3::float8), $4, to_timestamp($5::float8), $6, $7::json, $8, 'late', $9)
  ON CONFLICT DO NOTHING`;

/** The answer to a late message: only by the process that has it, only once. */
export const answerLate = `
  UPDATE inbox SET status = $6, reply = $7::json, sealed = coalesce($8, sealed), handled_by = $9
   WHERE account_id = $1 AND openid = $2 AND sent_at = to_timestamp($3::float8) AND dedupe = $4 AND status = 'late' AND process_id = $5
  RETURNING 1 AS answered`;

/** Late messages, oldest first; whether their process still lives is asked one by one. */
export const findLate = `
  SELECT account_id, openid, extract(epoch FROM sent_at)::float8 AS sent, dedupe, process_id, attempts, message, sealed,
         extract(epoch FROM received_at)::float8 AS received
    FROM inbox WHERE status = 'late' AND received_at < $1 ORDER BY received_at LIMIT 100`;

/** Takes a late message over from a process that has died. */
export const takeOver = `
  UPDATE inbox SET process_id = $6, attempts = attempts + 1
   WHERE account_id = $1 AND openid = $2 AND sent_at = to_timestamp($3::float8) AND dedupe = $4 AND status = 'late' AND process_id = $5
  RETURNING attempts`;
