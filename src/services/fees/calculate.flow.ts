import type { AnyAnswers, Flow, Question, Step } from '../../dialogue/flow';
import { choice } from '../../dialogue/questions';
import type { ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
import { type Answers, calculate, holds } from './calculate';
import { yuan } from './money';
import { readAnswer } from './read';
import { type Calculator, type FeeQuestion, rules } from './rules';

/** Its questions are data, so the flow is made of them rather than written down. */
export const flowOf = (calculator: Calculator): Flow => ({
  key: `fees.${calculator.key}`,
  title: calculator.title,
  steps: calculator.questions.map(stepOf),
  end: { writes: false, run: (answers, ctx) => tell(calculator, answers as Answers, ctx) },
});

const stepOf = (question: FeeQuestion): Step => ({
  key: question.key,
  text: question.text,
  question: (question.options ? optionsOf(question.options) : typed(question)) as Step['question'],
  when: (answers) => holds(question.when, answers as Answers),
});

const optionsOf = (options: Record<string, string>): Question<AnyAnswers, string> =>
  choice(() => Object.entries(options).map(([value, label]) => ({ value, label })));

const typed = (question: FeeQuestion): Question<AnyAnswers, string | number> => ({
  read: (said) => readAnswer(question, said.kind === 'text' ? said.text : ''),
});

function tell(calculator: Calculator, answers: Answers, { deps, account }: ServiceContext): string {
  const { total, rest, lines } = calculate(calculator, answers);
  const variables = {
    title: calculator.title,
    total: `${total.title} ${yuan(total.fen)}`,
    rest: rest ? `${rest.title} ${yuan(rest.fen)}` : '',
    lines: lines.map((line) => ({ ...line, amount: yuan(line.fen) })),
    basis: calculator.basis,
    demo: rules.demo,
    link: citizenPage(deps, account.id, `/fees/${calculator.key}`),
  };
  return deps.texts.say('fees.result', variables, account.id);
}
