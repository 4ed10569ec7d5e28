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

/** An openid is long and says nothing: its end is enough to tell people apart. */
export const citizenName = (openid: string) => `市民 ${openid.length > 10 ? `…${openid.slice(-8)}` : openid}`;
