import { RE2JS } from 're2js';
import type { Texts } from '../delivery/texts';
import type { Queryable } from '../platform/database';
import { isUniqueViolation, notFound, UserError } from '../platform/errors';
import type { Events } from '../platform/events';
import { normalise } from './said';

/** How what was said is compared: all of it is the word; it contains the word; a regular expression finds something in it. */
export const matches = ['word', 'contains', 'regex'] as const;
export type Match = (typeof matches)[number];

export type AutoReplyRule = {
  match: Match;
  pattern: string;
  /** goes before an open flow */
  urgent: boolean;
  /** one of the texts, or words of its own */
  textKey: string | null;
  body: string | null;
};
/** Account 0: all accounts. */
export type StoredRule = AutoReplyRule & { id: number; accountId: number };

export type AutoReplyRules = ReturnType<typeof autoReplyRules>;

/** The rules as operators keep them. A change reaches every process by event, when the transaction commits. */
export function autoReplyRules({ events, texts }: { events: Events; texts: Texts }) {
  const changed = (on: Queryable) => events.publish('auto-replies', null, on);

  return {
    /** In the order in which they are tried. */
    list: (on: Queryable): Promise<StoredRule[]> =>
      on.query(
        `SELECT id, account_id AS "accountId", match, pattern, urgent, text_key AS "textKey", body
           FROM auto_replies ORDER BY position, id`,
      ),
    /** @throws UserError for a rule that cannot be used, or one that is there already */
    async add(accountId: number, fresh: AutoReplyRule, on: Queryable): Promise<number> {
      const { match, pattern, urgent, textKey, body } = checked(fresh, texts);
      const [row] = await unlessThere(() =>
        on.query<{ id: number }>(
          `INSERT INTO auto_replies (account_id, match, pattern, urgent, text_key, body, position)
           SELECT $1, $2, $3, $4, $5, $6, coalesce(max(position), -1) + 1 FROM auto_replies RETURNING id`,
          [accountId, match, pattern, urgent, textKey, body],
        ),
      );
      await changed(on);
      return row!.id;
    },
    /** Its place in the order stays. @throws UserError as `add` does */
    async change(id: number, fresh: AutoReplyRule, on: Queryable): Promise<void> {
      const { match, pattern, urgent, textKey, body } = checked(fresh, texts);
      const [row] = await unlessThere(() =>
        on.query(
          `UPDATE auto_replies SET match = $2, pattern = $3, urgent = $4, text_key = $5, body = $6 WHERE id = $1 RETURNING id`,
          [id, match, pattern, urgent, textKey, body],
        ),
      );
      if (!row) throw notFound('这条自动回复');
      await changed(on);
    },
    async remove(id: number, on: Queryable): Promise<void> {
      await on.query('DELETE FROM auto_replies WHERE id = $1', [id]);
      await changed(on);
    },
  };
}

/** Why a rule cannot be used, in Chinese; undefined for a good one. */
export function ruleFault({ match, pattern, textKey }: AutoReplyRule, texts: Texts): string | undefined {
  if (textKey !== null && !texts.has(textKey)) return `没有模板 ${textKey}`;
  if (match !== 'regex') return undefined;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return `正则表达式有误，${(error as Error).message}`;
  }
}

/** The variables that every text of the dialogue has. */
const known = ['accountTitle', 'account', 'publicUrl'];

/** As it is compared: what citizens say is folded in the same way. */
export const fold = (text: string): string => text.toLowerCase().replace(/[\s。.!！?？~～]+$/u, '');

function checked(rule: AutoReplyRule, texts: Texts): AutoReplyRule {
  const pattern = rule.match === 'regex' ? rule.pattern.trim() : fold(normalise(rule.pattern));
  const fresh = { ...rule, pattern, body: rule.body?.trim() ?? null };
  const fault = ruleFault(fresh, texts) ?? tooWide(fresh) ?? unsayable(fresh, texts);
  if (fault) throw new UserError(422, 'bad-rule', fault);
  return fresh;
}

/** One that answers everything would keep citizens from all else. */
function tooWide({ match, pattern }: AutoReplyRule): string | undefined {
  const length = [...pattern].length;
  if (length === 0) return '请填写要匹配的话';
  if (match === 'contains' && length < 2) return '「包含」至少要两个字，否则会盖住别的答复';
  if (match === 'regex' && RE2JS.compile(pattern).matcher('').find())
    return '这个正则表达式什么话都能匹配，会盖住别的答复';
  return undefined;
}

function unsayable({ textKey, body }: AutoReplyRule, texts: Texts): string | undefined {
  if ((textKey === null) === (body === null)) return '选一段现有的文字，或自己写，两者取一';
  const { variables = [] } = texts.list().find(({ key }) => key === textKey) ?? {};
  const unknown = variables.map(({ name }) => name).filter((name) => !known.includes(name));
  if (unknown.length > 0) return `${textKey} 要填 ${unknown.join('、')}，不能单独用来回复`;
  if (body === null) return undefined;
  if (body === '') return '回复的内容不能为空';
  const bytes = Buffer.byteLength(body);
  return bytes > 2048 ? `回复有 ${bytes} 字节，微信最多 2048 字节（约 680 个汉字）` : undefined;
}

async function unlessThere<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error)) throw new UserError(409, 'exists', '已有同样匹配方式和内容的自动回复');
    throw error;
  }
}
