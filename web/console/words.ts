import { fullTime } from './time';
import type { AutoReplyRule, DeliveryStatus, Mode, Notification, OrganisationKind, Role } from './types';

export const roleTitles: Record<Role, string> = {
  admin: '系统管理',
  security: '安全管理',
  operator: '运营',
  reviewer: '审核',
  dispatcher: '派单',
  supervisor: '督查',
  auditor: '审计',
  clerk: '窗口',
};

export const noticeTitles: Record<Notification['kind'], string> = {
  assigned: '分给我',
  added: '有补充',
  'due-soon': '快到期',
  overdue: '已过期',
  escalated: '督办',
  mention: '提到我',
  safety: '登录安全',
};

export const kindTitles: Record<OrganisationKind, string> = {
  city: '市',
  district: '区县',
  street: '街道',
  community: '社区',
  bureau: '委办局',
  hospital: '医院',
  department: '科室',
};

export const modeTitles: Record<Mode, string> = { plain: '明文模式', compat: '兼容模式', safe: '安全模式' };

type Tone = 'success' | 'warning' | 'danger' | 'info' | 'primary';
export const deliveryStatuses: Record<DeliveryStatus, { title: string; tone: Tone; meaning: string }> = {
  queued: { title: '排队中', tone: 'info', meaning: '即将发送' },
  sending: { title: '发送中', tone: 'primary', meaning: '正在交给微信' },
  sent: { title: '已发出', tone: 'primary', meaning: '微信已收下，还没有回执' },
  delivered: { title: '已送达', tone: 'success', meaning: '市民已收到' },
  failed: { title: '未送达', tone: 'danger', meaning: '不会再自动尝试' },
  waiting: { title: '等市民再来', tone: 'warning', meaning: '市民下次来时再发' },
};

const channels: Record<string, string> = {
  custom: '客服消息',
  subscribe: '订阅通知',
  template: '模板消息',
  reply: '随回复发出',
};
export const channelTitle = (channel: string | null) => (channel === null ? '—' : (channels[channel] ?? channel));

export const textKinds: Record<string, string> = {
  reply: '回复',
  autoreply: '自动回复',
  notice: '通知',
  flow: '办事流程',
};

export const matchTitles: Record<AutoReplyRule['match'], string> = {
  word: '整句是',
  contains: '包含',
  regex: '正则表达式',
};

const actions: Record<string, string> = {
  'session.start': '登录',
  'session.refused': '登录失败',
  'session.end': '退出登录',
  'session.end-all': '在所有设备上退出',
  'session.lock': '登录失败过多，已锁定',
  'session.lock-address': '网络地址登录失败过多，已锁定',
  'session.reuse': '登录凭据被重复使用，会话已结束',
  'second-factor.offer': '开始设置动态口令',
  'second-factor.on': '开启动态口令',
  'second-factor.off': '关闭动态口令',
  'second-factor.recovery-codes': '更换恢复码',
  'staff.add': '添加人员',
  'staff.password': '更换人员口令',
  'staff.disable': '停用人员',
  'staff.enable': '启用人员',
  'staff.edit': '修改人员',
  'staff.roles': '更改人员角色',
  'staff.unlock': '解除登录锁定',
  'staff.reset-factor': '重置动态口令',
  'staff.end-sessions': '结束人员的登录',
  'password.change': '修改自己的口令',
  'sign-in-rules.change': '修改登录安全',
  'organisation.add': '添加组织',
  'organisation.edit': '修改组织',
  'organisation.move': '移动组织',
  'organisation.disable': '停用组织',
  'organisation.enable': '启用组织',
  'account.add': '添加公众号',
  'account.edit': '修改公众号',
  'account.disable': '停用公众号',
  'account.enable': '启用公众号',
  'account.rotate': '更换公众号凭据',
  'account.end-rotation': '结束凭据轮换',
  'account.test': '试连公众号',
  'chat.reveal': '查看个人信息原文',
  'delivery.resend': '重新发送消息',
  'delivery.reveal': '查看消息原文',
  'text.override': '改写文字',
  'text.revert': '恢复默认文字',
  'auto-reply.add': '添加自动回复',
  'auto-reply.change': '修改自动回复',
  'auto-reply.remove': '删除自动回复',
  'menu.publish': '发布菜单',
  'api-key.make': '生成接口密钥',
  'api-key.revoke': '停用接口密钥',
  'case.add': '登记办件',
  'case.step': '记下办件的进展',
  'case.import': '导入办件',
  'case-source.add': '添加办件来源',
  'case-source.change': '修改办件来源',
  'case-source.try': '试问单位后台',
  'case-source.switch-on': '启用办件来源',
  'case-source.switch-off': '停用办件来源',
  'nearby-place.add': '添加办事点',
  'nearby-place.change': '修改办事点',
  'nearby-place.hide': '隐藏办事点',
  'nearby-place.show': '显示办事点',
  'question.export': '导出提问',
  'appointment.check-in': '预约签到',
  'appointment.find-by-document': '按证件找预约',
  'appointment.call': '叫号',
  'appointment.recall': '重叫',
  'appointment.pass': '过号',
  'appointment.line-up-again': '过号重新排队',
  'appointment.serve': '预约办结',
  'appointment.walk-in': '现场取号',
  'appointment.no-show': '记未到',
  'appointment.forgive': '撤销爽约',
  'appointment.reveal': '查看预约人原文',
  'appointment.stop': '停诊停办',
  'appointment.told-by-phone': '停诊停办已打电话告知',
  'appointment.export': '导出预约统计',
  'appointment-screen.open': '打开叫号大屏',
  'appointment-screen.revoke': '收回叫号大屏',
  'calendar.change': '修改工作日历',
  'question-policies.change': '修改答疑时限',
  'question-limits.change': '修改答疑限度',
};
export const actionTitle = (action: string) => actions[action] ?? action;
export const actionGroups = [
  { value: 'session', title: '登录与退出' },
  { value: 'second-factor', title: '动态口令' },
  { value: 'staff', title: '人员' },
  { value: 'organisation', title: '组织' },
  { value: 'sign-in-rules', title: '登录安全' },
  { value: 'account', title: '公众号' },
  { value: 'chat', title: '会话' },
  { value: 'appointment', title: '预约' },
  { value: 'delivery', title: '消息下落' },
  { value: 'text', title: '文字' },
  { value: 'auto-reply', title: '自动回复' },
  { value: 'menu', title: '菜单' },
  { value: 'api-key', title: '接口密钥' },
  { value: 'case', title: '办件' },
];

const details: Record<string, string> = {
  reason: '理由',
  until: '锁定到',
  by: '凭',
  session: '会话',
  account: '公众号',
  replaced: '更换了',
  title: '名称',
  appid: 'AppID',
  mode: '模式',
  body: '内容',
  match: '比对',
  pattern: '市民说',
  urgent: '途中也答',
  textKey: '文字',
  before: '原来',
  menu: '菜单',
  ok: '结果',
  message: '消息',
  token: '令牌',
  aesKey: '消息密钥',
  secret: 'AppSecret',
  originalId: '原始 ID',
  freshnessSeconds: '回调时间限度',
  noticeTemplates: '通知模板',
  organisation: '组织',
  parent: '上级组织',
  kind: '种类',
  roles: '角色',
  service: '服务',
  target: '来源',
  baseUrl: '网址',
  changed: '改了',
  number: '编号',
};
/** `reason` and `by` of signing in; what people write as their reason stays as it is. */
const signInReasons = new Map([
  ['password', '口令不对'],
  ['code', '动态口令不对'],
  ['totp', '动态口令'],
  ['recovery', '恢复码'],
]);
export const detailTitle = (name: string) => details[name] ?? name;

export function detailValue(name: string, value: unknown): string {
  if (name === 'ok') return value ? '成功' : '失败';
  if (name === 'reason' || name === 'by') return signInReasons.get(String(value)) ?? String(value);
  if (name === 'until') return fullTime(String(value));
  if (name === 'mode') return modeTitles[value as Mode] ?? String(value);
  if (name === 'roles' && Array.isArray(value)) return value.map((one) => roleTitles[one as Role] ?? one).join('、');
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : detailTitle(String(one)))).join('、');
  if (value === null) return name === 'account' ? '全部' : '—';
  if (typeof value === 'boolean') return value ? '是' : '否';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An openid is long and says nothing: its end is enough to tell people apart. */
export const citizenName = (openid: string) => `市民 ${openid.length > 10 ? `…${openid.slice(-8)}` : openid}`;
