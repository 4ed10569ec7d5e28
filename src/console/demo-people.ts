import type { NewOrganisation } from '../people/organisations';
import type { StaffRole } from '../people/staff';

/** A made-up city. Its root is there already. */
export const demoOrganisations: NewOrganisation[] = [
  { key: 'health', parentKey: 'city', kind: 'bureau', title: '示例市卫生健康委' },
  { key: 'hospital-first', parentKey: 'health', kind: 'hospital', title: '示例市第一医院' },
  { key: 'hospital-first-desk', parentKey: 'hospital-first', kind: 'department', title: '门诊服务部' },
  { key: 'hospital-first-records', parentKey: 'hospital-first', kind: 'department', title: '病案室' },
  { key: 'hospital-first-insurance', parentKey: 'hospital-first', kind: 'department', title: '医保办' },
  { key: 'hospital-maternity', parentKey: 'health', kind: 'hospital', title: '示例市妇幼保健院' },
  { key: 'hospital-maternity-desk', parentKey: 'hospital-maternity', kind: 'department', title: '门诊服务部' },
  { key: 'police', parentKey: 'city', kind: 'bureau', title: '示例市公安局' },
  { key: 'police-household', parentKey: 'police', kind: 'department', title: '户政大队' },
  { key: 'police-exit-entry', parentKey: 'police', kind: 'department', title: '出入境管理支队' },
  { key: 'police-vehicles', parentKey: 'police', kind: 'department', title: '车辆管理所' },
  { key: 'police-traffic', parentKey: 'police', kind: 'department', title: '交警支队' },
  { key: 'police-station-east', parentKey: 'police', kind: 'department', title: '城东派出所' },
  { key: 'police-station-west', parentKey: 'police', kind: 'department', title: '城西派出所' },
];

export type DemoPerson = { username: string; name: string; organisation: string; roles: StaffRole[] };

/** One for each role; a clerk for each of the two houses. */
export const demoPeople: DemoPerson[] = [
  { username: 'admin', name: '系统管理员', organisation: 'city', roles: ['admin'] },
  { username: 'operator', name: '运营人员', organisation: 'city', roles: ['operator'] },
  { username: 'reviewer', name: '审核人员', organisation: 'city', roles: ['reviewer'] },
  { username: 'dispatcher', name: '派单人员', organisation: 'city', roles: ['dispatcher'] },
  { username: 'supervisor', name: '督查人员', organisation: 'city', roles: ['supervisor'] },
  { username: 'auditor', name: '审计人员', organisation: 'city', roles: ['auditor'] },
  { username: 'clerk-hospital', name: '医院窗口人员', organisation: 'hospital-first-desk', roles: ['clerk'] },
  { username: 'clerk-police', name: '户政窗口人员', organisation: 'police-household', roles: ['clerk'] },
];
