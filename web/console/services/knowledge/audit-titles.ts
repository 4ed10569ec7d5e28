import type { AuditTitles } from '../../audit-titles';

export const auditTitles: AuditTitles = {
  groups: { knowledge: '常见问答' },
  subjects: { knowledge: '常见问答' },
  actions: {
    'knowledge.propose': '提出常见问答',
    'knowledge.edit': '修改常见问答',
    'knowledge.submit': '送审常见问答',
    'knowledge.approve': '通过并发布常见问答',
    'knowledge.return': '退回常见问答',
    'knowledge.withdraw': '撤下常见问答',
  },
  details: { origin: '来自提问', version: '第几版', hash: '文字校验码' },
};
