import type { AuditTitles } from '../../audit-titles';

export const auditTitles: AuditTitles = {
  groups: { 'nearby-place': '办事点' },
  subjects: { 'nearby-place': '办事点' },
  actions: {
    'nearby-place.add': '添加办事点',
    'nearby-place.change': '修改办事点',
    'nearby-place.hide': '隐藏办事点',
    'nearby-place.show': '显示办事点',
  },
};
