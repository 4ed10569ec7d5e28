import { serverNow } from '../../../shared/server-time';
import { dayTitle } from '../../time';
import type { Resource, Stop, Visit } from './types';

export const base = '/services/appointments';

/** By the server's clock, as far as it has been heard of; what may be done today the server decides. */
export const today = () => dayTitle(new Date(serverNow()).toISOString());

export const resourceTitle = ({ title, subtitle, house, office }: Resource) =>
  `${title} ${subtitle}（${[house, office].filter(Boolean).join(' ')}）`;

export const isWaiting = (one: Visit) => one.status === 'checked-in' && !one.calledAt && !one.passedAt;
export const isCalled = (one: Visit) => one.status === 'checked-in' && one.calledAt !== null && !one.passedAt;
export const inTurn = (one: Visit, other: Visit) => (one.queueRank ?? 0) - (other.queueRank ?? 0);

export const insteads = {
  resource: '改约到这位医生或窗口最近的空号，没有空号的取消',
  office: '改约到本科室最近的空号（任一医生或窗口），没有空号的取消',
  release: '全部取消，请市民自己另约',
} as const;

export const stopDays = ({ from, to, half }: Pick<Stop, 'from' | 'to' | 'half'>) =>
  `${from === to ? from : `${from} 至 ${to}`}${half ? { morning: ' 上午', afternoon: ' 下午' }[half] : ''}`;

/** For a form that may be sent twice: a name of its own. */
