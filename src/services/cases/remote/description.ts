import { z } from 'zod';
import { documentKinds } from '../../../people/identity/documents';
import { kinds } from '../kinds';
import { path } from './paths';
import { requestContract, usesIn } from './request';
import { timeForm } from './times';

const word = z.string().trim().min(1).max(60);
const some = path.min(1, '请填写路径');

/** What a request needs for itself. */
const reserved = /^(host|connection|transfer-encoding|content-length|content-type|accept|accept-encoding)$/i;
const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,59}$/, '应为请求头的名称，如 X-Api-Key')
  .refine((name) => !reserved.test(name), '这个请求头另有用处，请换一个');

const auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('bearer') }),
  z.strictObject({ kind: z.literal('basic'), username: word }),
  z.strictObject({ kind: z.literal('header'), name: headerName }),
  z.strictObject({
    kind: z.literal('hmac'),
    keyId: z
      .string()
      .trim()
      .max(100)
      .regex(/^[\x21-\x7e]*$/, '只能是英文字母、数字和符号，不能有空格')
      .default('')
      .describe('单位给我们的编号；空的不带'),
    headers: z
      .strictObject({
        key: headerName.default('X-Key'),
        timestamp: headerName.default('X-Timestamp'),
        signature: headerName.default('X-Signature'),
      })
      .refine((all) => new Set(Object.values(all).map((name) => name.toLowerCase())).size === 3, '请求头的名称不能相同')
      .prefault({}),
  }),
]);

const asking = requestContract.extend({ cases: path.default('').describe('办件在应答里的位置；空的是整个应答') });

const mapping = z.strictObject({
  number: some,
  /** whose it is: whole, its last four, or with the middle hidden */
  document: path.default(''),
  /** the code on the receipt */
  code: path.default(''),
  kind: path.default('').describe('空的时用 kinds 里的 *'),
  state: path.default(''),
  at: path.default('').describe('到这个状态的时间'),
  note: path.default(''),
  place: path.default(''),
  due: path.default(''),
  steps: z
    .strictObject({ list: some, state: some, at: some, note: path.default('') })
    .nullable()
    .default(null)
    .describe('有经过的，最后一步就是现在的状态，不用 state、at、note'),
  time: timeForm.prefault({}),
  kinds: z
    .record(
      word,
      z.strictObject({
        kind: z.enum([...kinds.keys()] as [string, ...string[]], '没有这个办件类型'),
        states: z.record(word, word),
      }),
    )
    .refine((all) => Object.keys(all).length > 0, '至少对应一个办件类型'),
});

/** The back end of an office, as staff describe it. Its secret is kept apart, sealed. */
export const descriptionContract = z
  .strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/, error: '应为 http:// 或 https:// 开头的网址' })
      .max(300)
      .refine((text) => !/[?#]|\/\/[^/]*@/.test(text), '不能带用户名、? 或 #')
      .transform((text) => text.replace(/\/+$/, '')),
    auth: auth.default({ kind: 'none' }),
    byNumber: asking,
    ofPerson: asking.nullable().default(null),
    /** the office's own codes of kinds of document; others are not asked about */
    documentKinds: z
      .partialRecord(z.enum(Object.keys(documentKinds) as [keyof typeof documentKinds]), word)
      .default({}),
    format: z.enum(['json', 'xml']).default('json'),
    charset: z.enum(['auto', 'utf-8', 'gb18030']).default('auto').describe('gb18030 包括 GBK、GB2312'),
    /** codes inside of an answer that came with HTTP 200 */
    result: z
      .strictObject({ path: some, ok: z.array(word).min(1), none: z.array(word).default([]) })
      .nullable()
      .default(null),
    /** HTTP statuses that say there is none */
    noneStatuses: z.array(z.int().min(400).max(499)).default([404]),
    verify: z.enum(['us', 'office']).default('us').describe('谁核对后 4 位、查询码、证件号'),
    mapping,
  })
  .check(({ value, issues }) => {
    for (const [where, message] of contradictions(value))
      issues.push({ code: 'custom', input: value, path: where.split('.'), message });
  });
export type Description = z.output<typeof descriptionContract>;

function contradictions({ byNumber, ofPerson, verify, mapping }: Omit<Description, never>): [string, string][] {
  const found: [string, string][] = [];
  const claim = (holds: boolean, where: string, message: string) => void (holds || found.push([where, message]));
  claim(usesIn(byNumber).has('number'), 'byNumber', '请求里要有 {number}');
  claim(!ofPerson || usesIn(ofPerson).has('document'), 'ofPerson', '请求里要有 {document}');
  const personal = usesIn(byNumber);
  claim(!personal.has('document') && !personal.has('documentKind'), 'byNumber', '按编号查时没有证件号可用');
  claim(
    !ofPerson || !['number', 'factor'].some((one) => usesIn(ofPerson).has(one)),
    'ofPerson',
    '按人查时没有编号可用',
  );
  if (verify === 'office') claim(personal.has('factor'), 'byNumber', '由单位核对时，请求里要带上 {factor}');
  else {
    claim(
      mapping.document !== '' || mapping.code !== '',
      'mapping.document',
      '由本系统核对时，要写明证件号或查询码在哪里',
    );
    claim(!ofPerson || mapping.document !== '', 'mapping.document', '由本系统核对本人时，要写明证件号在哪里');
  }
  if (!mapping.steps) {
    claim(mapping.state !== '', 'mapping.state', '请填写路径，或写明经过（steps）');
    claim(mapping.at !== '', 'mapping.at', '请填写路径，或写明经过（steps）');
  }
  for (const [theirs, { kind, states }] of Object.entries(mapping.kinds))
    for (const [state, ours] of Object.entries(states))
      claim(
        Object.hasOwn(kinds.get(kind)?.states ?? {}, ours),
        `mapping.kinds.${theirs}.states.${state}`,
        `办件类型 ${kind} 没有状态 ${ours}，有 ${Object.keys(kinds.get(kind)?.states ?? {}).join('、')}`,
      );
  return found;
}
