import type { Content, Status, Version } from './types';

export const base = '/services/knowledge';

export const statuses: { key: Status; title: string; tag: 'info' | 'warning' | 'danger' | 'success' }[] = [
  { key: 'submitted', title: '待审核', tag: 'warning' },
  { key: 'draft', title: '草稿', tag: 'info' },
  { key: 'returned', title: '已退回', tag: 'danger' },
  { key: 'published', title: '已发布', tag: 'success' },
  { key: 'withdrawn', title: '已撤下', tag: 'info' },
];
export const statusOf = (status: Status) => statuses.find(({ key }) => key === status)!;

export const basisTitles: Record<NonNullable<Content['basis']>, string> = {
  agreed: '市民提问时同意公开',
  generalised: '已改写成一般问题，不涉及任何个人',
};
export const outcomeTitle = ({ outcome }: Version): string =>
  outcome === null ? '等待审核' : { approved: '通过', returned: '退回', void: '审核前又修改，作废' }[outcome];
