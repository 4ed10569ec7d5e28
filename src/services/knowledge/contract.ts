import { z } from 'zod';
import { kinds } from './redaction';

/** What staff's pages exchange with the routes of staff.ts. */

export const time = z.iso.datetime().describe('UTC；界面按北京时间显示');
export const id = z.string().regex(/^\d{1,18}$/, '编号有误');
export const oneEntry = z.object({ id });
export const statuses = ['draft', 'submitted', 'returned', 'published', 'withdrawn'] as const;
const status = z.enum(statuses).describe('草稿、待审核、已退回、已发布、已撤下');
const basis = z.enum(['agreed', 'generalised']).describe('市民同意公开，或已改写成不涉及任何个人的一般问题');

export const texts = {
  question: z.string().trim().min(4, '问题至少 4 个字').max(100, '问题最多 100 个字'),
  answer: z.string().trim().min(4, '答复至少 4 个字').max(1000, '答复最多 1000 个字'),
  aliases: z
    .array(z.string().trim().min(2, '每个说法至少 2 个字').max(60, '每个说法最多 60 个字'))
    .max(20, '最多 20 个说法')
    .default([])
    .describe('市民的其他说法'),
};
export const draft = z.object({
  ...texts,
  basis: basis.nullable(),
  cleared: z.array(z.string().min(1).max(100)).max(50).describe('看着像个人信息、已确认不是的原文'),
});

const place = z.object({ id: z.number(), title: z.string() });
export const row = z.object({
  id: z.string(),
  question: z.string(),
  organisation: place,
  status,
  live: z.boolean().describe('市民现在看得到（可能是较早的一版）'),
  demo: z.boolean(),
  changedAt: time,
  changedBy: z.string().nullable(),
});
export const counts = z.object(
  Object.fromEntries(statuses.map((one) => [one, z.number()])) as Record<(typeof statuses)[number], z.ZodNumber>,
);

export const finding = z.object({
  field: z.enum(['question', 'answer', 'aliases']),
  index: z.number().describe('aliases 的第几个'),
  kind: z.enum(Object.keys(kinds) as [keyof typeof kinds]),
  title: z.string(),
  text: z.string(),
  start: z.number(),
  end: z.number(),
  cleared: z.boolean(),
});
const content = z.object({ ...texts, basis: basis.nullable(), cleared: z.array(z.string()) });
const version = z.object({
  version: z.number(),
  hash: z.string(),
  outcome: z.enum(['approved', 'returned', 'void']).nullable().describe('空：等待审核；void：审核前又改了'),
  submittedBy: z.string().nullable(),
  submittedAt: time,
  reviewedBy: z.string().nullable(),
  reviewedAt: time.nullable(),
  note: z.string(),
});
export const whole = row.extend({
  content,
  version: z.number(),
  edit: z.number().describe('保存时作为 edit 传回'),
  hash: z.string().describe('审核时作为 hash 传回：通过的只是这一份内容'),
  origin: z.string().nullable().describe('来自哪个提问'),
  agreed: z.boolean().describe('提问的市民同意公开'),
  findings: z.array(finding),
  verdicts: z.object({ solved: z.number(), unsolved: z.number() }).describe('多少市民说解决了、没解决'),
  before: content.nullable().describe('市民现在看到的一版'),
  versions: z.array(version),
  can: z.object({ write: z.boolean(), review: z.boolean() }),
});
export const changed = z.object({ done: z.literal(true), edit: z.number(), status });
