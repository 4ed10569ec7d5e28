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

export const stopDays = ({ from, to, half }: Pick<Stop, 'from' | 'to' | 'half'>) =>
  `${from === to ? from : `${from} 至 ${to}`}${half ? { morning: ' 上午', afternoon: ' 下午' }[half] : ''}`;
