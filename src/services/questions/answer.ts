import type { Message } from '../../delivery/message';
import type { ServiceDeps } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import { addAnswerImages } from './answer-images';
import { type Act, type Acting, change, mustBeOpen } from './change';
import { linkFor } from './link';
import { addMessage, messageOf } from './messages';
import type { LabelOf } from './notices';
import { asksByItself, askWhetherSolved, whetherSolved } from './rating-buttons';
import { roomFor } from './room';
import type { QuestionRow } from './tables';

export type NewAnswer = {
  text: string;
  /** the version that whoever wrote it has seen */
  seen: number;
  key: string;
  /** all the same, whatever has come since */
  force: boolean;
  /** the question is resolved by it */
  resolve: boolean;
  /** the canned answer that it came from, which counts as used */
  canned?: number;
  /** ids of pictures that the same member of staff has uploaded, at most three */
  images?: readonly string[];
};
type Sent = { messageId: string; deliveryId: string | null };

/**
 * An answer leaves for the citizen. Where somebody else was quicker it does not, unless the writer insists; the same key again
 * answers what it answered before.
 * @throws UserError 409 `moved`
 */
export async function answer(act: Act, given: NewAnswer, deps: ServiceDeps): Promise<Sent & { version: number }> {
  const { value, version } = await change<Sent>(act, deps, async (acting) => {
    const { tx, question, caller, at } = acting;
    // Also when it has gone before: a page that did not learn of it has kept it as a draft.
    await tx.query('DELETE FROM question_drafts WHERE question_id = $1 AND staff_id = $2', [question.id, caller.id]);
    const earlier = await messageOf(tx, question.id, given.key);
    if (earlier) return { value: { messageId: earlier.id, deliveryId: earlier.delivery_id } };
    if (question.status === 'closed')
      throw new UserError(409, 'closed', `提问 ${question.number} 已经结束，要由督查人员重新打开`);
    if (!given.force && given.seen !== question.version)
      throw new UserError(409, 'moved', await whatMoved(tx, question, given.seen));
    const resolves = given.resolve && question.status === 'open';
    const { images = [] } = given;
    const dedupeKey = `question-answer:${question.id}:${given.key}`;
    const room = await roomFor(acting);
    // Where the buttons cannot follow, the answer itself asks whether it helped.
    const asked = (buttons: boolean) => say(acting, '', { resolved: true, buttons, images: 0, follow: false });
    const buttons = resolves && room >= 2 && !asksByItself(asked);
    const follow = images.length > 0 && room >= 1 + (buttons ? 1 : 0) + images.length;
    const sending = { dedupeKey, resolved: resolves, buttons, images: images.length, follow };
    const deliveryId = await send(acting, given.text, sending);
    const messageId = await addMessage(
      tx,
      { questionId: question.id, at, kind: 'answer', text: given.text, staffId: caller.id, deliveryId, key: given.key },
      deps,
    );
    await addAnswerImages(acting, { messageId, images, dedupeKey, follow });
    if (buttons) await askWhetherSolved(acting);
    await replied(acting, resolves);
    if (given.canned) await tx.query('UPDATE question_canned SET used = used + 1 WHERE id = $1', [given.canned]);
    return {
      value: { messageId, deliveryId: deliveryId ?? null },
      detail: {
        messageId,
        deliveryId: deliveryId ?? null,
        resolved: resolves,
        forced: given.force,
        ...(images.length > 0 && { images }),
      },
    };
  });
  return { ...value, version };
}

/**
 * Nothing more is to be done: the clock stops, and the citizen is asked whether it helped.
 * @throws UserError 409 when nobody has replied to them yet
 */
export function resolve(act: Act, deps: ServiceDeps) {
  return change(act, deps, async (acting) => {
    const { question } = acting;
    mustBeOpen(question);
    if (question.first_replied_at === null)
      throw new UserError(409, 'not-answered', '还没有答复过市民，请先答复再办结');
    await replied(acting, true);
    await notify(acting, {
      text: 'questions.resolved',
      data: { 状态: '请您评价' },
      message: await whetherSolved(acting),
    });
    return { value: undefined, detail: {}, line: '办结' };
  });
}

/** Tells the citizen something about their question other than an answer. */
export async function notify<Kind extends 'questions.resolved' | 'questions.extended'>(
  { tx, deps, question, caller, at }: Acting,
  {
    text,
    data,
    variables,
    message,
  }: {
    text: Kind;
    data: Record<Exclude<LabelOf<Kind>, '提问编号' | '时间'>, string>;
    variables?: Record<string, unknown>;
    /** in place of the text, while the citizen may be written to */
    message?: Message;
  },
): Promise<string | undefined> {
  const link = linkOf(question, deps);
  return deps.delivery.enqueue(tx, {
    accountId: question.account_id,
    openid: question.openid,
    source: `staff:${caller.username}`,
    message: message ?? {
      type: 'text',
      content: deps.texts.say(text, { number: question.number, link, ...variables }, question.account_id),
    },
    notice: {
      kind: text,
      title: '提问有新进展',
      data: { 提问编号: question.number, 时间: shanghai(at), ...data },
      url: link,
    },
    dedupeKey: `${text}:${question.id}:${question.version}`,
  });
}

/** The kind of notice that tells of an answer where no message may be sent. */
export const answerNotice = 'questions.answer';

type Around = { resolved: boolean; buttons: boolean; images: number; follow: boolean };

async function send(
  acting: Acting,
  text: string,
  { dedupeKey, ...around }: Around & { dedupeKey: string },
): Promise<string | undefined> {
  const { tx, deps, question, caller, at } = acting;
  return deps.delivery.enqueue(tx, {
    accountId: question.account_id,
    openid: question.openid,
    source: `staff:${caller.username}`,
    message: { type: 'text', content: fitting(text, (answer) => say(acting, answer, around)) },
    notice: {
      kind: answerNotice,
      title: '您的提问有了答复',
      data: {
        提问编号: question.number,
        答复部门: question.organisation_title || '政务服务',
        状态: around.resolved ? '已办结' : '有新答复',
        时间: shanghai(at),
      } satisfies Record<LabelOf<'questions.answer'>, string>,
      url: linkOf(question, deps),
    },
    dedupeKey,
  });
}

/** An answer with what an operator has written around it. */
const say = ({ deps, question }: Acting, answer: string, around: Around): string =>
  deps.texts.say(
    'questions.answer',
    {
      number: question.number,
      answer,
      department: question.organisation_title ?? '',
      link: linkOf(question, deps),
      ...around,
    },
    question.account_id,
  );

/** WeChat takes 2,048 bytes; a longer answer is read to its end on the page that the link opens. */
function fitting(text: string, say: (answer: string) => string): string {
  const whole = say(text);
  if (Buffer.byteLength(whole) <= 2000) return whole;
  const room = 2000 - Buffer.byteLength(say('')) - 40;
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > room) break;
    kept += character;
  }
  return say(`${kept}……（后面还有，请点开链接看全文）`);
}

/** The citizen waits no more; whoever answers first leads from then on. */
async function replied({ tx, question, caller, at }: Acting, resolved: boolean): Promise<void> {
  await tx.query(
    `UPDATE questions SET first_replied_at = coalesce(first_replied_at, $2), last_at = $2, waiting_since = NULL, unread = 0,
            snoozed_until = NULL, assignee_id = coalesce(assignee_id, $3),
            status = CASE WHEN $4 THEN 'answered' ELSE status END,
            answered_at = CASE WHEN $4 THEN $2 ELSE answered_at END,
            rated_at = CASE WHEN $4 THEN NULL ELSE rated_at END
      WHERE id = $1`,
    [question.id, at, caller.id, resolved],
  );
}

/** In words, what came after the version that somebody has seen: each change has left one line. */
async function whatMoved(tx: Tx, { id, version }: QuestionRow, seen: number): Promise<string> {
  const lines = await tx.query<{ kind: string; name: string | null; text: string }>(
    `SELECT m.kind, s.name, m.text FROM question_messages m LEFT JOIN staff s ON s.id = m.staff_id
      WHERE m.question_id = $1 ORDER BY m.id DESC LIMIT $2`,
    [id, Math.min(5, Math.max(1, version - seen))],
  );
  const told = lines.reverse().map(({ kind, name, text }) => {
    if (kind === 'answer') return `${name} 已经答复`;
    if (kind === 'citizen') return '市民有补充';
    return kind === 'note' ? `${name} 写了备注` : [name, text].filter(Boolean).join(' ');
  });
  return `您打开之后有了变化：${told.join('；')}。请看过再发`;
}

const linkOf = (question: QuestionRow, deps: ServiceDeps) =>
  linkFor({ accountId: question.account_id, openid: question.openid, questionId: question.id }, deps);
