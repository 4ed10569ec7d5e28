import type { Message } from '../../delivery/message';
import type { WritingContext } from '../../dialogue/service';
import type { Acting } from './change';
import { levels } from './closing';
import { linkFor } from './link';
import type { QuestionRow } from './tables';

/** 解决了吗, with a button for each answer. */
export function whetherSolved({ question, deps }: Pick<Acting, 'question' | 'deps'>): Message {
  const link = linkFor({ accountId: question.account_id, openid: question.openid, questionId: question.id }, deps);
  return {
    type: 'msgmenu',
    head: deps.texts.say('questions.resolved', { number: question.number, link }, question.account_id),
    list: [
      { id: `questions.solved?question=${question.id}`, content: '解决了' },
      { id: `questions.unsolved?question=${question.id}`, content: '没解决' },
    ],
    tail: '点一下就是评价。',
  };
}

/**
 * An operator's own text for answers that heeds no buttons and asks for the rating in words: buttons would ask once more.
 * `say`: the text around an answer that resolves, with and without buttons to follow.
 */
export function asksByItself(say: (buttons: boolean) => string): boolean {
  const words = say(true);
  return words === say(false) && /解决了|没解决|评价|满意/.test(words);
}

/** The buttons below an answer that resolves; where there is room for them, since the notice of an answer leads to a page that asks the same. */
export async function askWhetherSolved(acting: Acting): Promise<void> {
  const { tx, deps, question, caller, at } = acting;
  await deps.delivery.enqueue(tx, {
    accountId: question.account_id,
    openid: question.openid,
    source: `staff:${caller.username}`,
    message: whetherSolved(acting),
    dedupeKey: `question-solved:${question.id}:${question.version}`,
    expiresAt: new Date(at.getTime() + dayMillis),
  });
}
const dayMillis = 24 * 3600_000;

/** 满意吗, when the first of the two questions has been answered. */
export async function askWhetherSatisfied(question: QuestionRow, { tx, deps, at }: WritingContext): Promise<void> {
  await deps.delivery.enqueue(tx, {
    accountId: question.account_id,
    openid: question.openid,
    source: 'questions',
    message: {
      type: 'msgmenu',
      head: deps.texts.say('questions.satisfied', { number: question.number }, question.account_id),
      list: [...levels.entries()]
        .reverse()
        .map(([index, content]) => ({ id: `questions.satisfied.${index + 1}?question=${question.id}`, content })),
      tail: '点一下就是评价。',
    },
    dedupeKey: `question-satisfied:${question.id}:${question.version}`,
    expiresAt: new Date(at.getTime() + dayMillis),
  });
}
