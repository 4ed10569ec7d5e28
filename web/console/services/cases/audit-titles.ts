import type { AuditTitles } from '../../audit-titles';

export const auditTitles: AuditTitles = {
  groups: { case: '办件' },
  actions: {
    'case.add': '登记办件',
    'case.step': '记下办件的进展',
    'case.import': '导入办件',
    'case-source.add': '添加办件来源',
    'case-source.change': '修改办件来源',
    'case-source.try': '试问单位后台',
    'case-source.switch-on': '启用办件来源',
    'case-source.switch-off': '停用办件来源',
  },
  details: {
    state: '状态',
    file: '文件',
    key: '标识',
    baseUrl: '网址',
    secret: '换了密钥',
  },
};
