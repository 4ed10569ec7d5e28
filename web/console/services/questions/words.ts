import type { Role } from '../../types';
import type { Assignment, QuestionRow, Queue, Status } from './types';

export const base = '/services/questions';

type QueueTitle = { key: Queue; title: string; nothing: string; roles?: Role[] };
/** In the order in which they stand; those with `roles` only for them. */
export const queues: QueueTitle[] = [
  { key: 'mine', title: '我的', nothing: '您手上没有待答的提问。去「待认领」看看。' },
  { key: 'unassigned', title: '待认领', nothing: '没有待认领的提问。' },
  { key: 'department', title: '部门', nothing: '本部门没有待答的提问。' },
  { key: 'overdue', title: '超期', nothing: '没有超期的提问。' },
  {
    key: 'dispatch',
    title: '待派单',
    nothing: '没有待派单的提问。',
    roles: ['dispatcher', 'supervisor'],
  },
  { key: 'joint', title: '协办', nothing: '没有请您协办的提问。' },
  { key: 'snoozed', title: '稍后', nothing: '没有放到稍后的提问。' },
  { key: 'answered', title: '已办结', nothing: '没有等市民评价的提问。' },
  { key: 'closed', title: '已结束', nothing: '还没有结束的提问。' },
];

export const statusTitles: Record<Status, string> = {
  open: '处理中',
  answered: '已办结',
  closed: '已结束',
};

export const priorities = [
  { value: 0, title: '普通' },
  { value: 1, title: '紧急' },
  { value: 2, title: '特急' },
];
export const priorityTitle = (value: number) => priorities.find((one) => one.value === value)?.title ?? '普通';

/** Of 好差评, worst first. */
const levels = ['非常不满意', '不满意', '基本满意', '满意', '非常满意'];
export const ratingWords = ({ solved, satisfied }: Pick<QuestionRow, 'solved' | 'satisfied'>) =>
  [solved === null ? '' : solved ? '已解决' : '没解决', levels[(satisfied ?? 0) - 1]].filter(Boolean).join('，');

export const gradeTitles = { simple: '简单', ordinary: '一般', complex: '复杂' };

export const assignmentModes: Record<Assignment['mode'], string> = {
  claim: '各自认领',
  assign: '由派单或督查人员分派',
  'round-robin': '轮流分给在岗的人，手头少的先分',
};
