import { flow } from '../../dialogue/flow';
import { refusalWords } from '../../dialogue/refusal';
import type { Opening, WritingContext } from '../../dialogue/service';
import { ratingBegun, toRate } from './citizen';
import { levels, type Rating, rate } from './closing';
import { askWhetherSatisfied } from './rating-buttons';

/**
 * 「解决了」 and 「没解决」 answer the first of two questions, 「满意」 and its like the second: an answer may be right and still not be
 * liked. Each is a word to say or a button to tap, and counts at once.
 */
export const ratings: Opening[] = [
  opening('questions.solved', { solved: true }, ['解决了', '已解决']),
  opening('questions.unsolved', { solved: false }, ['没解决', '未解决', '没有解决']),
  ...levels.map((word, index) => opening(`questions.satisfied.${index + 1}`, { satisfied: index + 1 }, [word])),
];

function opening(key: string, rating: Rating, keywords: string[]): Opening {
  return { key, keywords, start: flow(key, '评价答复').done((answers, ctx) => take(rating, answers, ctx)) };
}

/** `question`: which one, where a button said it. */
async function take(rating: Rating, answers: { question?: unknown }, ctx: WritingContext): Promise<string> {
  const { tx, deps, account, openid, at } = ctx;
  const id = answers.question === undefined ? undefined : String(answers.question);
  const asked = await toRate(tx, { accountId: account.id, openid }, id);
  if (!asked) return deps.texts.say('questions.nothing-to-rate', {}, account.id);
  try {
    const rated = await rate(tx, { id: asked.id, ...rating, at }, deps);
    const asks = ratingBegun(rated) && rated.satisfied === null;
    if (asks) await askWhetherSatisfied(rated, ctx);
    const variables = { number: rated.number, again: rated.status === 'open' && asked.status !== 'open', asks };
    return deps.texts.say('questions.rated', variables, account.id);
  } catch (error) {
    return refusalWords(error);
  }
}
