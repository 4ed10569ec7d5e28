import type { NoticeKind } from '../../dialogue/service';

const always = ['提问编号', '时间', '状态'] as const;

/** Kinds of notice, as operators see them. */
export const notices = {
  'questions.answer': { title: '提问有了答复', fields: [...always, '答复部门'] },
  'questions.resolved': { title: '提问已办结', fields: always },
  'questions.extended': { title: '答复延期', fields: [...always, '答复期限', '延期原因'] },
} as const satisfies Record<string, NoticeKind>;

export type LabelOf<Kind extends keyof typeof notices> = (typeof notices)[Kind]['fields'][number];
