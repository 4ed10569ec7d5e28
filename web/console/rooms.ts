import {
  ChatDotRound,
  ChatLineRound,
  Connection,
  DocumentChecked,
  EditPen,
  Key,
  Lock,
  Menu as MenuIcon,
  Odometer,
  OfficeBuilding,
  Promotion,
  User,
} from '@element-plus/icons-vue';
import type { Component } from 'vue';
import type { Role } from './types';

/** The console's pages: who sees which, and in what order they stand in the navigation. */
export type Room = {
  path: string;
  /** behind the path, `/:id?` */
  parameters?: string;
  title: string;
  hint: string;
  icon: Component;
  roles: Role[];
  /** among those of the services: the smallest is where people land who have it */
  position?: number;
  page: () => Promise<Component>;
  /** set up now and then: stands after the console's own pages, and is nobody's first */
  last?: boolean;
};

/** What the palette asks a service for, by number or words, on behalf of those who hold one of the roles. */
export type Finder = {
  roles: Role[];
  find: (text: string) => Promise<{ title: string; hint: string; path: string }[]>;
};

/** A service's folder in web/console/services/ names its own in a file `rooms.ts`; they stand first, since clerks live there. */
const ofServices = import.meta.glob<{ rooms: Room[]; openPages?: OpenPage[]; finder?: Finder }>(
  './services/*/rooms.ts',
  {
    eager: true,
  },
);

/** Stands alone and is for whoever has its address, signed in or not: a screen in a hall. */
export type OpenPage = Pick<Room, 'path' | 'title' | 'page'>;
export const openPages = Object.values(ofServices).flatMap(({ openPages = [] }) => openPages);

const service = Object.values(ofServices)
  .flatMap(({ rooms }) => rooms)
  .sort((one, other) => (one.position ?? 100) - (other.position ?? 100));

export const rooms: Room[] = [
  ...service.filter(({ last }) => !last),
  {
    path: '/chats',
    parameters: '/:openid?',
    title: '会话',
    hint: '市民与公众号的往来',
    icon: ChatDotRound,
    roles: ['operator', 'supervisor', 'admin'],
    page: () => import('./pages/Chats.vue'),
  },
  {
    path: '/deliveries',
    title: '消息下落',
    hint: '发出的消息有没有送到',
    icon: Promotion,
    roles: ['operator', 'supervisor', 'admin'],
    page: () => import('./pages/Deliveries.vue'),
  },
  {
    path: '/menu',
    title: '菜单',
    hint: '公众号底部的菜单',
    icon: MenuIcon,
    roles: ['operator', 'reviewer', 'supervisor', 'admin'],
    page: () => import('./pages/MenuLook.vue'),
  },
  {
    path: '/texts',
    title: '文字',
    hint: '市民会读到的每一段话',
    icon: EditPen,
    roles: ['operator', 'reviewer', 'supervisor'],
    page: () => import('./pages/Texts.vue'),
  },
  {
    path: '/auto-replies',
    title: '自动回复',
    hint: '听到什么话就怎么答',
    icon: ChatLineRound,
    roles: ['operator', 'reviewer', 'supervisor'],
    page: () => import('./pages/AutoReplies.vue'),
  },
  {
    path: '/accounts',
    title: '公众号',
    hint: '接入微信的账号与凭据',
    icon: Connection,
    roles: ['admin', 'operator', 'reviewer', 'supervisor', 'auditor'],
    page: () => import('./pages/Accounts.vue'),
  },
  {
    path: '/api-keys',
    title: '接口密钥',
    hint: '业务系统把数据报进来用的',
    icon: Key,
    roles: ['admin', 'operator'],
    page: () => import('./pages/ApiKeys.vue'),
  },
  {
    path: '/staff',
    parameters: '/:username?',
    title: '人员',
    hint: '谁能用工作台，有什么角色',
    icon: User,
    roles: ['admin', 'security'],
    page: () => import('./pages/Staff.vue'),
  },
  {
    path: '/organisations',
    title: '组织',
    hint: '单位和部门的树',
    icon: OfficeBuilding,
    roles: ['admin', 'security'],
    page: () => import('./pages/Organisations.vue'),
  },
  {
    path: '/sign-in-rules',
    title: '登录安全',
    hint: '动态口令和锁定的规定',
    icon: Lock,
    roles: ['admin', 'security', 'auditor'],
    page: () => import('./pages/SignInRules.vue'),
  },
  {
    path: '/audit',
    title: '审计',
    hint: '谁在什么时候做了什么',
    icon: DocumentChecked,
    roles: ['auditor'],
    page: () => import('./pages/Audit.vue'),
  },
  {
    path: '/health',
    title: '运行情况',
    hint: '各部分是否正常',
    icon: Odometer,
    roles: ['admin', 'operator', 'supervisor', 'auditor'],
    page: () => import('./pages/Health.vue'),
  },
  ...service.filter(({ last }) => last),
];

export const finders = (roles: readonly Role[]) =>
  Object.values(ofServices).flatMap(({ finder }) =>
    finder?.roles.some((role) => roles.includes(role)) ? [finder.find] : [],
  );

export const roomsOf = (roles: readonly Role[]): Room[] =>
  rooms.filter((room) => room.roles.some((role) => roles.includes(role)));
