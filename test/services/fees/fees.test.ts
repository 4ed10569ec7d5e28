import { readFileSync } from 'node:fs';
import path from 'node:path';
import { calculate } from '../../../src/services/fees/calculate';
import { readRules, rules } from '../../../src/services/fees/rules';
import { anonymous } from '../../h5/citizen-client';
import { startTestServer, type TestServer } from '../../support/server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { ROLES: 'web' } });
});
afterAll(() => server?.stop());

type Result = { total: { fen: number }; rest: { fen: number } | null; lines: { title: string; fen: number }[] };
const work = (key: string, answers: Record<string, string>) =>
  anonymous(server).post<Result>(`/fees/${key}`, { answers });

test.each([
  ['id-card', { kind: 'first', temporary: 'no' }, 0],
  ['id-card', { kind: 'lost', temporary: 'yes' }, 5000],
  ['exit-entry', { kind: 'note', notes: '3' }, 6000],
  ['exit-entry', { kind: 'pass', stamp: 'many' }, 14000],
  // What is not asked is not looked at.
  ['exit-entry', { kind: 'passport', notes: 'x', stamp: 'many' }, 12000],
  ['traffic', { offence: 'fast', late: '0' }, 20000],
  ['traffic', { offence: 'fast', late: '１0' }, 26000],
  // Never more than as much again.
  ['traffic', { offence: 'faster', late: '3650' }, 400000],
  ['insurance', { insured: 'resident', level: 'three', bill: '900' }, 0],
  ['insurance', { insured: 'resident', level: 'three', bill: '1,000.01' }, 1],
  ['insurance', { insured: 'worker', level: 'one', bill: '¥1000000元' }, 30000000],
])('%s %j comes to %i fen', async (key, answers, fen) => {
  expect(await work(key, answers)).toMatchObject({ status: 200, body: { total: { fen } } });
});

test('the form names its questions, and what is answered badly is explained for each', async () => {
  const form = await anonymous(server).get<{ demo: boolean; questions: object[] }>('/fees/exit-entry');
  expect(form.body).toMatchObject({
    demo: true,
    questions: [{ key: 'kind' }, { when: { kind: ['note'] }, unit: '项' }, {}],
  });
  expect(await work('exit-entry', { kind: 'note', notes: '11' })).toMatchObject({
    status: 422,
    body: { error: { message: '有的问题还没有答对', fields: { notes: '请输入 1 到 10 的整数，单位项' } } },
  });
  expect((await work('id-card', { kind: 'constructor' })).body.error!.fields).toEqual({
    kind: '应是 第一次办、到期换领、丢失补领、损坏换领 之一',
    temporary: '应是 不要、要 之一',
  });
  for (const bill of ['-1', '1e5', '1.234', '99999999', 'Infinity', ''])
    expect((await work('insurance', { insured: 'worker', level: 'one', bill })).status).toBe(422);
  expect((await work('nothing', {})).status).toBe(404);
});

test('every rule can be reached, and whatever is answered comes to whole fen that are not below nothing', () => {
  for (const calculator of rules.calculators) {
    const reached = new Set<string>();
    let all: Record<string, string | number>[] = [{}];
    for (const { key, options, number, money } of calculator.questions) {
      const values = options ? Object.keys(options) : [(number ?? money)!.min, 7, (number ?? money)!.max];
      all = all.flatMap((answers) => values.map((value) => ({ ...answers, [key]: value })));
    }
    for (const answers of all) {
      const { total, rest, lines } = calculate(calculator, answers);
      for (const { title } of lines) reached.add(title);
      for (const fen of [total.fen, rest?.fen ?? 0])
        expect([answers, Number.isSafeInteger(fen) && fen >= 0]).toEqual([answers, true]);
    }
    expect([...reached].sort()).toEqual(calculator.lines.map(({ title }) => title).sort());
  }
});

test('a rule that asks for what nobody answers is refused in words', () => {
  const text = readFileSync(path.join(__dirname, '../../../src/services/fees/rules.yaml'), 'utf8');
  expect(() => readRules(text.replace('when: { kind: first }', 'when: { kind: frist }'))).toThrow(
    'id-card：when 里的 kind: frist 没有这个问题或这个选项',
  );
  expect(() => readRules(text.replace('fen: 2000,', 'fen: 20.5,'))).toThrow(/费用规则 .* 有误/);
  expect(() => readRules(text.replace('each: late', 'each: offence'))).toThrow('each: offence 不是问个数的');
});
