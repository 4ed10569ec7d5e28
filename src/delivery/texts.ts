import { Liquid, type Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock';
import type { Database, Queryable } from '../platform/database';
import { UserError } from '../platform/errors';
import type { Events } from '../platform/events';
import { templateFault } from './template-fault';
import type { TextFile } from './text-files';

export type Variables = Record<string, unknown>;

/** What one text reads like with different variables; `plain` has none, `fresh` tells the time and is rendered each time. */
type Memo = LRUCache<string, string> | 'plain' | 'fresh';

function memoFor(body: string): Memo {
  if (!body.includes('{')) return 'plain';
  return tellsTime(body) ? 'fresh' : new LRUCache({ max: 100 });
}

/** By a word of its own: a variable `known` tells none, and one text that does keeps all answers from being kept. */
const tellsTime = (body: string) => body.includes('{') && /\b(?:now|today)\b/.test(body);

/** Account 0: all accounts. */
export const everyAccount = 0;

export type Texts = Awaited<ReturnType<typeof openTexts>>;

/**
 * Every text that citizens read and operators may change. Defaults come from files (and from the questions of flows);
 * an override for one account goes before one for all accounts, that before the default. Held in memory, so that a
 * reply needs no query; a change reaches every process by event.
 */
export async function openTexts({
  db,
  events,
  clock,
  files,
}: {
  db: Database;
  events: Events;
  clock: Clock;
  files: TextFile[];
}) {
  // Operators' templates get no files, no prototype and bounded work.
  const liquid = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    parseLimit: 20_000,
    renderLimit: 2000,
    memoryLimit: 1e6,
    templates: {},
  });
  const compiled = new Map<string, Template[]>();
  const said = new Map<string, Memo>();
  let overrides = new Map<string, string>();
  let reloads = 0;
  let revision: number | undefined;

  await store(files, db);
  const defaults = new Map(files.map((file) => [file.key, file.body]));
  const reload = async () => {
    const rows = await db.query<{ key: string; account_id: number; body: string }>(
      'SELECT key, account_id, body FROM text_overrides',
    );
    overrides = new Map(rows.map((row) => [`${row.account_id}/${row.key}`, row.body]));
    compiled.clear();
    said.clear();
    revision = [...defaults.values(), ...overrides.values()].some(tellsTime) ? undefined : ++reloads;
  };
  await events.follow('texts', reload);

  const render = (body: string, variables: Variables): string => {
    let template = compiled.get(body);
    if (!template) compiled.set(body, (template = liquid.parse(body)));
    return String(liquid.renderSync(template, variables)).trim();
  };
  const bodyFor = (key: string, accountId: number) =>
    overrides.get(`${accountId}/${key}`) ?? overrides.get(`${everyAccount}/${key}`);

  return {
    /** The text with this key. @throws Error for a key that no file has */
    say(key: string, variables: Variables = {}, accountId: number = everyAccount): string {
      const body = bodyFor(key, accountId) ?? defaults.get(key);
      if (body === undefined) throw new Error(`no text ${key}`);
      let memo = said.get(body);
      if (memo === undefined) said.set(body, (memo = memoFor(body)));
      if (memo === 'plain') return body;
      if (memo === 'fresh') return render(body, variables);
      const given = JSON.stringify(variables);
      let words = memo.get(given);
      if (words === undefined) memo.set(given, (words = render(body, variables)));
      return words;
    },
    /** A text whose default stands in code, such as a flow's question. */
    line(key: string, otherwise: string, accountId: number): string {
      const body = overrides.size === 0 ? undefined : bodyFor(key, accountId);
      if (body === undefined) return otherwise;
      return body.includes('{') ? render(body, {}) : body;
    },
    /** As it is written, not rendered. */
    raw: (key: string, accountId: number): string => bodyFor(key, accountId) ?? defaults.get(key) ?? '',
    has: (key: string) => defaults.has(key),
    /**
     * Puts an operator's words in place of a text's default.
     * @throws UserError 422 for Liquid that does not parse or render, variables that do not exist, a text over WeChat's 2,048 bytes
     */
    async override(
      change: { key: string; accountId: number; body: string; staffId: number | null },
      on: Queryable = db,
    ): Promise<void> {
      check(
        change.body,
        files.find(({ key }) => key === change.key),
      );
      await on.query(
        `INSERT INTO text_overrides (key, account_id, body, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key, account_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
        [change.key, change.accountId, change.body, clock.now(), change.staffId],
      );
      await events.publish('texts', null, on);
    },
    async revert({ key, accountId }: { key: string; accountId: number }, on: Queryable = db): Promise<void> {
      await on.query('DELETE FROM text_overrides WHERE key = $1 AND account_id = $2', [key, accountId]);
      await events.publish('texts', null, on);
    },
    /**
     * What `body` would read like with each variable's example.
     * @throws UserError 422 as `override` does
     */
    preview: (key: string, body: string) =>
      check(
        body,
        files.find((one) => one.key === key),
      ),
    list: () => files,
    /**
     * Another number once a text has changed, for those who keep what they have rendered; undefined while one of them tells the
     * time, so that nothing may be kept.
     */
    revision: () => revision,
    reload,
  };

  /** What it reads like with the examples: what fails only when it is rendered must not wait for a citizen to fail. */
  function check(body: string, file: TextFile | undefined): string {
    if (body.trim() === '') throw empty('内容不能为空');
    const bytes = Buffer.byteLength(body);
    if (bytes > 2048)
      throw new UserError(422, 'text-too-long', `内容有 ${bytes} 字节，微信最多 2048 字节（约 680 个汉字）`);
    const variables = file?.variables ?? [];
    const names = variables.map(({ name }) => name);
    const unknown = rightOrTold(() => liquid.globalVariablesSync(body)).filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      const known = names.join('、') || '（无）';
      throw new UserError(422, 'unknown-variable', `没有变量 ${unknown.join('、')}，可用的变量：${known}`);
    }
    const examples = Object.fromEntries(variables.map(({ name, example }) => [name, example]));
    const words = rightOrTold(() => render(body, examples));
    if (words === '') throw empty('按示例填写后内容是空的');
    return words;
  }
}

const empty = (what: string) => new UserError(422, 'empty-text', `${what}：公众号发送空内容会显示「服务出现故障」`);

function rightOrTold<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UserError(422, 'bad-template', `模板有误：${templateFault(error as Error)}`);
  }
}

async function store(files: TextFile[], db: Database): Promise<void> {
  await db.query(
    `INSERT INTO texts (key, kind, title, variables, body)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (key text, kind text, title text, variables jsonb, body text)
     ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, title = excluded.title, variables = excluded.variables, body = excluded.body
       WHERE (texts.kind, texts.title, texts.variables, texts.body) IS DISTINCT FROM (excluded.kind, excluded.title, excluded.variables, excluded.body)`,
    [JSON.stringify(files)],
  );
}
