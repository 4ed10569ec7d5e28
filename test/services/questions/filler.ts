import type { Queryable } from '../../../src/platform/database';
import { termsOf } from '../../../src/services/questions/words';

type Store = Pick<Queryable, 'query'>;

/** A city's questions of a year, openly made up: most of them done with, the latest still open; written in a few statements. */
export type Filling = {
  /** the latest so many of the year: a smaller filling is the end of a larger one, so that only history differs */
  questions: number;
  /** of these so many are open */
  open: number;
  /** when the last one was asked */
  until: Date;
  city?: City;
};

/** Bureaus and hospitals in turn; each department of the latter is about medicine, none of the former. */
export type City = { houses: number; departmentsEach: number; clerksEach: number };
const large: City = { houses: 20, departmentsEach: 15, clerksEach: 2 };

/** Asked in every other question; in three of all; in most of the older half, and never since. */
export const words = { common: '办理', rare: '观星台', bygone: '核酸检测', ofHospitals: '门诊挂号' };

const year = 200_000;
const citizens = 20_000;
const filled = ['questions', 'question_messages', 'deliveries'];

export async function fill(on: Store, { questions, open, until, city = large }: Filling): Promise<void> {
  await addPlaces(on, city, until);
  await addTexts(on);
  // Indexes are built at the end: sorting once is cheaper than finding each place.
  const indexes = await on.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
      WHERE indrelid IN ('questions'::regclass, 'question_messages'::regclass) AND NOT indisprimary
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)`,
  );
  for (const { name } of indexes) await on.query(`DROP INDEX ${name}`);
  // Nor is each reference looked up.
  for (const table of filled) await on.query(`ALTER TABLE ${table} DISABLE TRIGGER ALL`);
  await addQuestions(on, { questions, open, until, city });
  for (const table of filled) await on.query(`ALTER TABLE ${table} ENABLE TRIGGER ALL`);
  for (const { definition } of indexes) await on.query(definition);
  await on.query(
    'VACUUM (ANALYZE) questions, question_messages, deliveries, sessions, organisations, staff, staff_roles',
  );
}

async function addPlaces(on: Store, { houses, departmentsEach, clerksEach }: City, at: Date): Promise<void> {
  await on.query(
    `WITH root AS (SELECT id, path FROM organisations WHERE parent_id IS NULL ORDER BY id LIMIT 1),
     house AS (
       SELECT n, nextval(pg_get_serial_sequence('organisations', 'id'))::int AS id FROM generate_series(1, $1::int) n),
     department AS (
       SELECT house, n, nextval(pg_get_serial_sequence('organisations', 'id'))::int AS id
         FROM (SELECT h.n AS house, d.n FROM house h, generate_series(1, $2::int) d (n) ORDER BY 1, 2) in_order)
     INSERT INTO organisations (id, key, parent_id, path, kind, title, created_at) OVERRIDING SYSTEM VALUE
     SELECT h.id, 'house-' || n, root.id, root.path || h.id || '/', CASE WHEN n % 2 = 0 THEN 'hospital' ELSE 'bureau' END,
            '示例单位' || n, $3::timestamptz FROM house h, root
     UNION ALL
     SELECT d.id, 'house-' || d.house || '-' || d.n, h.id, root.path || h.id || '/' || d.id || '/', 'department',
            '示例科室' || d.n, $3 FROM department d JOIN house h ON h.n = d.house, root`,
    [houses, departmentsEach, at],
  );
  // A second account, of one of the hospitals.
  await on.query(
    `INSERT INTO accounts (key, title, organisation_id, appid, original_id, mode, secret_sealed, token_sealed, aes_key_sealed, created_at)
     SELECT 'second', '示例医院', o.id, 'wxsecond', 'gh_second', a.mode, a.secret_sealed, a.token_sealed, a.aes_key_sealed, $1
       FROM organisations o, accounts a WHERE o.key = 'house-2' ORDER BY a.id LIMIT 1`,
    [at],
  );
  await on.query(
    `WITH s AS (
       INSERT INTO staff (username, name, password_hash, organisation_id, created_at)
       SELECT 'clerk-' || o.key || '-' || n, '示例人员' || n, coalesce((SELECT password_hash FROM staff ORDER BY id LIMIT 1), ''), o.id, $1
         FROM organisations o, generate_series(1, $2::int) n WHERE o.key ~ '^house-\\d+-\\d+$' ORDER BY o.id, n
       RETURNING id, organisation_id)
     INSERT INTO staff_roles (staff_id, role, organisation_id) SELECT id, 'clerk', organisation_id FROM s`,
    [at, clerksEach],
  );
  await on.query(
    `INSERT INTO sessions (account_id, openid, version, following, first_at, last_at, message_until, message_left)
     SELECT a.id, 'o' || lpad(n::text, 27, '0'), 1, true, $2, $2, $2::timestamptz + interval '1 day', 5
       FROM generate_series(1, $1::int) n, accounts a`,
    [citizens, at],
  );
}

const things = ['居住证', '老年证', '公积金', '营业执照', '学区', '路灯', '噪声', '停车位', '医保报销', '暂住登记'];
const places = ['东湖街道', '西山社区', '南门市场', '北站广场', '中心公园', '文化路小学', '滨江小区', '高新园区'];
const wishes = ['需要带什么材料', '要等多久才有结果', '能不能请别人代办', '周末上班吗', '费用是多少', '网上怎么预约'];

async function addTexts(on: Store): Promise<void> {
  const texts = things.flatMap((thing) =>
    places.flatMap((place) =>
      wishes.flatMap((wish) =>
        ['', words.common].map((act) => `（示例）我住在${place}，想${act || '问问'}${thing}的事，${wish}？谢谢。`),
      ),
    ),
  );
  await on.query('DROP TABLE IF EXISTS filler_texts');
  await on.query(
    'CREATE UNLOGGED TABLE filler_texts (turn int, extra text, text text NOT NULL, search tsvector NOT NULL)',
  );
  for (const extra of ['', words.rare, words.bygone, words.ofHospitals]) {
    const whole = texts.map((text) => text + extra);
    await on.query(
      `INSERT INTO filler_texts SELECT n - 1, $3, text, array_to_tsvector(string_to_array(terms, ' '))
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (text, terms, n)`,
      [whole, whole.map((text) => termsOf(text).join(' ')), extra],
    );
  }
}

async function addQuestions(on: Store, { questions, open, until, city }: Required<Filling>): Promise<void> {
  const [{ first } = { first: 0 }] = await on.query<{ first: number }>(
    `SELECT min(id) AS first FROM organisations WHERE key ~ '^house-\\d+-\\d+$'`,
  );
  const [{ staff } = { staff: 0 }] = await on.query<{ staff: number }>(
    `SELECT min(id) AS staff FROM staff WHERE username ~ '^clerk-house-'`,
  );
  // $1 the last one's place in the year, $2 open, $3 until, $4 the first department, $5 departments, $6 the first clerk. Some departments have far more than others.
  await on.query(
    `INSERT INTO questions (number, account_id, openid, organisation_id, assignee_id, status, text, publishable, asked_at,
            dispatched_at, clock_started_at, first_replied_at, answered_at, closed_at, last_at, waiting_since, unread, priority,
            snoozed_until, cycle, first_due_at, due_at, next_fire_at, solved, satisfied, rated_at, first_reply_minutes, resolve_minutes,
            measured_answered_at, search)
     SELECT 'Q' || to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || lpad((n % 1000000)::text, 6, '0'),
            CASE WHEN n % 10 = 0 THEN 2 ELSE 1 END, 'o' || lpad((1 + n * 7919 % ${citizens})::text, 27, '0'),
            CASE WHEN undispatched THEN NULL ELSE department END,
            CASE WHEN undispatched OR (is_open AND n % 3 = 0) THEN NULL ELSE $6::int + (department - $4::int) * $8::int + n % $8::int END,
            CASE WHEN is_open THEN 'open' WHEN n > $1 - $2::int * 3 AND n % 2 = 0 THEN 'answered' ELSE 'closed' END,
            t.text, n % 5 = 0, at,
            CASE WHEN NOT undispatched THEN at END, CASE WHEN NOT undispatched THEN at END,
            CASE WHEN NOT is_open OR n % 5 = 0 AND NOT undispatched THEN at + interval '4 hours' END,
            CASE WHEN NOT is_open THEN at + interval '1 day' END,
            CASE WHEN NOT is_open AND NOT (n > $1 - $2::int * 3 AND n % 2 = 0) THEN at + interval '6 days' END,
            at + interval '1 day', CASE WHEN is_open THEN at END, CASE WHEN is_open THEN 1 ELSE 0 END, CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END,
            CASE WHEN is_open AND n % 40 = 1 THEN $3::timestamptz + interval '3 days' END,
            CASE WHEN undispatched THEN 0 ELSE 1 END,
            CASE WHEN NOT undispatched THEN at + interval '1 day' END, CASE WHEN NOT undispatched THEN at + interval '5 days' END,
            CASE WHEN is_open AND NOT undispatched THEN $3::timestamptz + n % 1000 * interval '1 minute' END,
            CASE WHEN NOT is_open AND n % 3 = 0 THEN true END, CASE WHEN NOT is_open AND n % 3 = 0 THEN 1 + n % 5 END,
            CASE WHEN NOT is_open AND n % 3 = 0 THEN at + interval '2 days' END,
            CASE WHEN NOT is_open OR n % 5 = 0 AND NOT undispatched THEN 240 END, CASE WHEN NOT is_open THEN 480 END,
            CASE WHEN NOT is_open THEN at + interval '1 day' END,
            t.search
       FROM generate_series($1::int - $7::int + 1, $1::int) n
       CROSS JOIN LATERAL (SELECT $3::timestamptz - ($1::int - n) * (interval '365 days' / $1::int) AS at,
              $4::int + floor($5::int * power((n::bigint * 7919 % 99991) / 99991.0, 2))::int AS department,
              n > $1::int - $2::int * 2 AND n % 2 = 1 AS is_open,
              n > $1::int - $2::int * 2 AND n % 2 = 1 AND n % 30 = 1 AS undispatched) f
       CROSS JOIN LATERAL (SELECT
              CASE WHEN n % 70001 = 11 THEN '${words.rare}' WHEN n < $1::int / 2 AND n % 5 > 0 THEN '${words.bygone}'
                   WHEN (department - $4::int) / $9::int % 2 = 1 AND n % 3 = 0 THEN '${words.ofHospitals}' ELSE '' END AS extra) e
       JOIN filler_texts t ON t.extra = e.extra AND t.turn = n % (SELECT count(*) FROM filler_texts WHERE extra = '')
      ORDER BY n`,
    [
      year,
      open,
      until,
      first,
      city.houses * city.departmentsEach,
      staff,
      questions,
      city.clerksEach,
      city.departmentsEach,
    ],
  );
  await on.query(
    `INSERT INTO deliveries (account_id, openid, created_at, source, type, status, body, give_up_at, sent_at, finished_at)
     SELECT account_id, openid, answered_at, 'staff:filler', 'text', 'delivered', '{}', answered_at, answered_at, answered_at
       FROM questions WHERE id % 10 = 3 AND status <> 'open' ORDER BY id`,
  );
  await on.query(
    `WITH d AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM deliveries WHERE source = 'staff:filler'),
          a AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM questions WHERE id % 10 = 3 AND status <> 'open')
     INSERT INTO question_messages (question_id, at, kind, staff_id, text, delivery_id, key)
     SELECT q.id, q.asked_at, 'citizen', NULL, q.text, NULL, CASE WHEN q.id % 2 = 0 THEN 'ask-' || q.id END FROM questions q
     UNION ALL
     SELECT q.id, q.answered_at, 'answer', q.assignee_id, '（示例）您好，请带身份证到窗口办理，即来即办。', d.id, 'answer-' || q.id
       FROM questions q LEFT JOIN a ON a.id = q.id LEFT JOIN d ON d.n = a.n WHERE q.status <> 'open'
     UNION ALL
     SELECT q.id, q.asked_at + interval '1 hour', 'citizen', NULL, '（示例）补充：我有照片。', NULL, NULL FROM questions q WHERE q.id % 4 = 0
     UNION ALL
     SELECT q.id, q.asked_at, 'event', q.assignee_id, '认领', NULL, NULL FROM questions q WHERE q.id % 10 = 0`,
  );
}

/** So many open questions in which a department other than their own helps. */
export const help = (db: Store, count: number, at: Date) =>
  db.query(
    `INSERT INTO question_helpers (question_id, organisation_id, reason, invited_at)
     SELECT q.id, (SELECT min(o.id) FROM organisations o WHERE o.kind = 'department' AND o.id <> q.organisation_id), '请核实', $2
       FROM questions q WHERE q.status = 'open' AND q.organisation_id IS NOT NULL ORDER BY q.id LIMIT $1`,
    [count, at],
  );
