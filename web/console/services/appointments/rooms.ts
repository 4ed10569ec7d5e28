import { AlarmClock, CircleClose, Stamp, Tickets, TrendCharts } from '@element-plus/icons-vue';
import type { OpenPage, Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/appointments',
    position: 20,
    title: '预约',
    hint: '今天谁来：签到、叫号、现场取号、停诊',
    icon: AlarmClock,
    roles: ['clerk', 'supervisor'],
    page: () => import('./Roster.vue'),
  },
  {
    path: '/appointment-stops',
    parameters: '/:id?',
    position: 21,
    title: '停诊停办',
    hint: '已约的处理到哪里，谁还没有通知到',
    icon: CircleClose,
    roles: ['clerk', 'supervisor'],
    page: () => import('./StopsPage.vue'),
  },
  {
    path: '/schedules',
    parameters: '/:id?',
    title: '号源',
    hint: '医生、门诊、窗口，什么时候放多少号',
    icon: Tickets,
    roles: ['operator', 'supervisor'],
    page: () => import('./schedules/SchedulesPage.vue'),
    last: true,
  },
  {
    path: '/appointments/appeals',
    position: 29,
    title: '爽约申诉',
    hint: '市民说明没来的原因，决定后通知本人',
    icon: Stamp,
    roles: ['clerk', 'supervisor'],
    page: () => import('./AppealsPage.vue'),
  },
  {
    path: '/appointment-figures',
    title: '预约统计',
    hint: '号源使用、爽约、取消、候补、提前几天约，导出',
    icon: TrendCharts,
    roles: ['supervisor', 'operator', 'clerk'],
    page: () => import('./FiguresPage.vue'),
    // operators have chats to begin with
    last: true,
  },
];

export const openPages: OpenPage[] = [
  { path: '/screen/:token', title: '叫号', page: () => import('./ScreenPage.vue') },
];
