import { z } from 'zod';
import { citizenRoute as route } from '../../dialogue/service';
import { notFound, UserError } from '../../platform/errors';
import { type Answers, calculate, holds } from './calculate';
import { readAnswer } from './read';
import { type Calculator, rules } from './rules';

const fen = z.int().describe('分');
const condition = z.record(z.string(), z.array(z.string()));
const amount = z.object({ title: z.string(), fen });
const listed = z.object({ key: z.string(), title: z.string() });
const keyed = z.object({ key: z.string().max(50) });

/** What the pages `/h5/#/fees` read. The rules stay here: the page asks, and is told. */
export const citizenRoutes = [
  route({
    method: 'get',
    path: '/fees',
    summary: '费用计算：能算的事项',
    role: 'public',
    output: z.object({ demo: z.boolean().describe('是否演示数据'), calculators: z.array(listed) }),
    handler: async () => rules,
  }),
  route({
    method: 'get',
    path: '/fees/:key',
    summary: '费用计算：一个事项要问什么',
    role: 'public',
    params: keyed,
    output: z.object({
      demo: z.boolean(),
      title: z.string(),
      basis: z.string(),
      questions: z.array(
        z.object({
          key: z.string(),
          text: z.string(),
          when: condition.describe('这些问题这样回答时才问'),
          options: z.array(z.object({ value: z.string(), label: z.string() })).describe('空的就是填写'),
          unit: z.string(),
        }),
      ),
    }),
    handler: async ({ params }) => {
      const { title, basis, questions } = calculatorOf(params.key);
      return {
        demo: rules.demo,
        title,
        basis,
        questions: questions.map(({ key, text, when = {}, options = {}, number }) => ({
          key,
          text,
          when: Object.fromEntries(Object.entries(when).map(([name, wanted]) => [name, [wanted].flat()])),
          options: Object.entries(options).map(([value, label]) => ({ value, label })),
          unit: number?.unit ?? '元',
        })),
      };
    },
  }),
  route({
    method: 'post',
    path: '/fees/:key',
    summary: '费用计算：算出金额，和依据哪几条',
    role: 'public',
    params: keyed,
    body: z.object({ answers: z.record(z.string().max(50), z.string().max(50)) }),
    output: z.object({
      total: amount,
      rest: amount.nullable().describe('余下由自己付的'),
      lines: z.array(amount.extend({ rule: z.string() })),
    }),
    handler: async ({ params, body }) => {
      const calculator = calculatorOf(params.key);
      return calculate(calculator, readAll(calculator, body.answers));
    },
  }),
];

function calculatorOf(key: string): Calculator {
  const found = rules.calculators.find((one) => one.key === key);
  if (!found) throw notFound('这个事项');
  return found;
}

/** @throws UserError 422 that says for each question what was expected */
function readAll({ questions }: Calculator, given: Record<string, string>): Answers {
  const answers: Answers = {};
  const faults: Record<string, string> = {};
  for (const question of questions) {
    if (!holds(question.when, answers)) continue;
    const read = readAnswer(question, (given[question.key] ?? '').normalize('NFKC').trim());
    if ('expected' in read) faults[question.key] = read.expected;
    else answers[question.key] = read.value;
  }
  if (Object.keys(faults).length > 0) throw new UserError(422, 'invalid-input', '有的问题还没有答对', faults);
  return answers;
}
