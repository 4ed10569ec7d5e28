import { MapLocation } from '@element-plus/icons-vue';
import type { Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/places',
    title: '办事点',
    hint: '市民去哪里办：地址、位置、开门时间、电话',
    icon: MapLocation,
    roles: ['operator'],
    page: () => import('./PlacesPage.vue'),
    last: true,
  },
];
