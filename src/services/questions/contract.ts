import { z } from 'zod';
import type { StaffRole } from '../../people/staff';
import { visibleLength } from '../../platform/visible';
import { mostAnswerImages } from './images';
import { limitsContract } from './limits';

/** What staff's pages exchange with the routes of staff.ts. */

/** Who works with questions. */
export const workers = ['clerk', 'dispatcher', 'supervisor'] as const satisfies readonly StaffRole[];
/** Who sees what is with no department yet, and decides where it goes. */
export const dispatchers = ['dispatcher', 'supervisor'] as const satisfies readonly StaffRole[];

/** Open ones by what is due first; `answered` and `closed` by what happened last. `joint`: what other departments asked ours to help with. */
export const queues = [
  'mine',
  'unassigned',
  'department',
  'overdue',
  'dispatch',
  'snoozed',
  'answered',
  'closed',
  'joint',
] as const;
export type Queue = (typeof queues)[number];
export const counted = ['mine', 'unassigned', 'department', 'overdue', 'dispatch', 'snoozed'] as const;

export const time = z.iso.datetime().describe('UTC；界面按北京时间显示');
export const id = z.string().regex(/^\d{1,18}$/, '编号有误');
export const oneQuestion = z.object({ id });
export const imageId = z.string().regex(/^[0-9a-f]{32}$/, '图片有误');
export const imageSize = z.object({ size: z.enum(['whole', 'small']).default('whole').describe('small：方形小图') });
/** An act's own name: sent again with the same one it happens once. */
export const key = z.string().min(8).max(100);
/** Words of which somebody else is to see at least so many. */
export const written = (least: number, most: number, told: string) =>
  z
    .string()
    .trim()
    .min(least, told)
    .max(most, `最多 ${most} 个字`)
    .refine((text) => visibleLength(text) >= least, `${told}（空格和看不见的字符不算）`);
export const reason = written(2, 200, '请写明理由，至少 2 个字');

const person = z.object({ id: z.number(), name: z.string() });
const place = z.object({ id: z.number(), title: z.string() });
const status = z.enum(['open', 'answered', 'closed']).describe('处理中、已办结（等市民评价）、已结束');

export const row = z.object({
  id: z.string(),
  number: z.string(),
  excerpt: z.string().describe('疑似个人信息已打码'),
  citizen: z.string(),
  organisation: place.nullable().describe('空：待派单'),
  assignee: person.nullable(),
  status,
  askedAt: time,
  lastAt: time,
  waitingSince: time.nullable().describe('市民在等答复，从这时起'),
  firstDueAt: time.nullable(),
  dueAt: time.nullable(),
  pausedAt: time.nullable(),
  snoozedUntil: time.nullable(),
  overdue: z.boolean(),
  unread: z.number(),
  priority: z.number(),
  images: z.number(),
  bounced: z.number(),
  reopened: z.boolean(),
  escalated: z.boolean().describe('须由督查人员决定'),
  solved: z.boolean().nullable().describe('市民说解决了没有；空：没有评价'),
  satisfied: z.number().nullable().describe('市民满意不满意，1 非常不满意 … 5 非常满意'),
});
export type Row = z.infer<typeof row>;

export const counts = z.object({
  mine: z.number(),
  unassigned: z.number(),
  department: z.number(),
  overdue: z.number(),
  dispatch: z.number(),
  snoozed: z.number(),
  onDuty: z.boolean().describe('自己是否在岗'),
  now: time.describe('服务器的时间，页面按它说还剩多久'),
});

export const fate = z.object({ status: z.string(), reason: z.string().nullable() });
export const message = z.object({
  id: z.string(),
  at: time,
  kind: z.enum(['citizen', 'answer', 'note', 'event']),
  staff: z.string().nullable(),
  text: z.string(),
  personal: z.boolean().describe('含打码的内容，查看原文会留痕'),
  images: z.array(z.string()).describe('图片的地址；后面加 ?size=small 得到方形小图'),
  awaited: z.number().describe('还有几张照片正在从微信取'),
  lost: z.number().describe('有几张照片没能取到'),
  fate: fate.nullable().describe('答复到了没有'),
  deliveryId: z.string().nullable(),
});

export const draft = z.object({
  text: z.string().max(1000),
  images: z
    .array(imageId)
    .max(mostAnswerImages, `最多 ${mostAnswerImages} 张图片`)
    .default([])
    .describe('先传好的图片的编号'),
});
export const thread = row.extend({
  text: z.string(),
  personal: z.boolean(),
  version: z.number().describe('答复时作为 seen 传回'),
  publishable: z.boolean(),
  place: z
    .object({ label: z.string(), latitude: z.number().nullable(), longitude: z.number().nullable() })
    .nullable()
    .describe('只有文字时没有经纬度'),
  grade: z.enum(['simple', 'ordinary', 'complex']),
  extendedUntil: time.nullable(),
  mergedInto: z.object({ id: z.string(), number: z.string() }).nullable(),
  messages: z.array(message).describe('最近 200 条，早的在前'),
  window: z
    .object({ until: time, left: z.number() })
    .nullable()
    .describe('还能直接发消息到何时、几条；空则改发通知，或等市民再来'),
  noticed: z.boolean().describe('公众号配了答复的通知模板：不能直接发消息时可以改发通知'),
  limits: limitsContract.pick({ bounces: true, extensionDays: true }),
  draft: draft.nullable().describe('没写完的答复和为它选好的图片'),
  others: z.array(z.object({ name: z.string(), doing: z.enum(['viewing', 'typing']) })),
  history: z.array(z.object({ id: z.string(), number: z.string(), status, askedAt: time, excerpt: z.string() })),
  joint: z
    .array(
      z.object({
        organisation: place,
        reason: z.string(),
        invitedAt: time,
        endedAt: time.nullable(),
        outcome: z.enum(['done', 'declined']).nullable(),
      }),
    )
    .describe('协办的部门'),
  claimable: z.boolean().describe('自己可以认领：还没有人办，部门也不是由人分派的'),
  leading: z.boolean().describe('能答复和办理；协办部门只能写备注、结束协办'),
  suggestions: z.array(z.object({ title: z.string(), text: z.string(), key: z.string() })),
});

/** After an act: the state that the page has now seen. */
export const changed = z.object({ done: z.literal(true), version: z.number() });
export const answered = changed.extend({ messageId: z.string(), deliveryId: z.string().nullable() });

export const canned = z.object({
  id: z.number(),
  organisation: place,
  title: z.string(),
  body: z.string(),
  used: z.number(),
  mayChange: z.boolean().describe('上级部门的只能用，不能改'),
});
export const rule = z.object({
  id: z.number(),
  account: z.string().nullable().describe('公众号的 key，空为全部'),
  word: z.string().nullable().describe('提问里有这个词；空为全部'),
  region: z.string().nullable().describe('区、街道、社区：市民给的位置或提问里写到它；空为全部'),
  organisation: place.extend({ disabled: z.boolean().describe('已停用：这条规则派不到那里，跳过') }),
  position: z.number(),
});
export const department = place.extend({ path: z.string(), staff: z.array(person.extend({ onDuty: z.boolean() })) });
