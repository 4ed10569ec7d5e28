import { Calendar, Tickets } from '@element-plus/icons-vue';
import type { Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/appointments',
    position: 20,
    title: '预约',
    hint: '今天谁来，签到、叫号、停诊',
    icon: Calendar,
    roles: ['clerk', 'supervisor'],
    page: () => import('./Roster.vue'),
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
];
