import { Calendar } from '@element-plus/icons-vue';
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
];
