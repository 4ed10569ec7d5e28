import type { Status } from './types';

export const statusTitles: Record<Status, string> = { open: '处理中', answered: '已办结', closed: '已结束' };
/** The five levels of 好差评, best first. */
export const levels = [
  { value: 5, title: '非常满意' },
  { value: 4, title: '满意' },
  { value: 3, title: '基本满意' },
  { value: 2, title: '不满意' },
  { value: 1, title: '非常不满意' },
];
export const mostWords = 500;
export const mostPhotos = 6;
