import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartupError } from '../../platform/startup-error';

const key = z.string().regex(/^[a-z][a-z0-9-]*$/, '应是小写英文');
const line = z.string().trim().min(1).max(100);
const fen = z.int().min(0).max(1_000_000_000_00);
const permille = z.int().min(1).max(1000);
const condition = z.record(key, z.union([key, z.array(key).min(1)]));

const question = z
  .strictObject({
    key,
    text: line,
    /** asked only where these were answered so */
    when: condition.optional(),
    options: z.record(key, line).optional(),
    number: z.strictObject({ unit: line, min: z.int().min(0), max: z.int() }).optional(),
    money: z.strictObject({ min: fen, max: fen }).optional(),
  })
  .refine(({ options, number, money }) => [options, number, money].filter(Boolean).length === 1, {
    error: '应是 options、number、money 之一',
  });

const ruleLine = z
  .strictObject({
    title: line,
    when: condition.optional(),
    fen: fen.optional(),
    each: key.optional(),
    share: z.strictObject({ of: key, above: fen, permille, cap: fen }).optional(),
    surcharge: z.strictObject({ each: key, permille, most: permille }).optional(),
    rule: line,
  })
  .refine(({ fen, share, surcharge }) => [fen, share, surcharge].filter((one) => one !== undefined).length === 1, {
    error: '应是 fen、share、surcharge 之一',
  });

const calculator = z
  .strictObject({
    key,
    title: z.string().trim().min(1).max(20),
    keywords: z.array(line).default([]),
    /** what the sum is: 应缴 */
    total: line,
    /** what is left of an amount that was answered */
    rest: z.strictObject({ of: key, title: line }).optional(),
    basis: line,
    questions: z.array(question).min(1).max(6),
    lines: z.array(ruleLine).min(1),
  })
  .check(({ value, issues }) => {
    const asked = new Map(value.questions.map((one) => [one.key, one]));
    const refuse = (message: string) =>
      issues.push({ code: 'custom', input: value.key, message: `${value.key}：${message}` });
    for (const { when = {} } of [...value.questions, ...value.lines])
      for (const [name, wanted] of Object.entries(when))
        for (const one of [wanted].flat())
          if (!asked.get(name)?.options?.[one]) refuse(`when 里的 ${name}: ${one} 没有这个问题或这个选项`);
    for (const { each, share, surcharge } of value.lines) {
      for (const name of [each, surcharge?.each])
        if (name && !asked.get(name)?.number) refuse(`each: ${name} 不是问个数的`);
      if (share && !asked.get(share.of)?.money) refuse(`of: ${share.of} 不是问金额的`);
    }
    if (value.rest && !asked.get(value.rest.of)?.money) refuse(`rest: ${value.rest.of} 不是问金额的`);
  });

const ruleFile = z.strictObject({ demo: z.boolean(), calculators: z.array(calculator).min(1).max(20) });

export type Condition = z.infer<typeof condition>;
export type FeeQuestion = z.infer<typeof question>;
export type RuleLine = z.infer<typeof ruleLine>;
export type Calculator = z.infer<typeof calculator>;
export type Rules = z.infer<typeof ruleFile>;

/** @throws StartupError that says what is wrong with the file */
export function readRules(text: string, name = 'rules.yaml'): Rules {
  const parsed = ruleFile.safeParse(parse(text));
  if (!parsed.success) throw new StartupError(`费用规则 ${name} 有误：${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const file = path.join(__dirname, 'rules.yaml');
export const rules: Rules = readRules(readFileSync(file, 'utf8'), file);
