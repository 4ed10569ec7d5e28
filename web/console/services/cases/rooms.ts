import { Link } from '@element-plus/icons-vue';
import type { Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/case-remotes',
    parameters: '/:id?',
    title: '单位后台',
    hint: '办件进度去哪里查：地址、应答怎么读，试一试',
    icon: Link,
    roles: ['operator', 'admin'],
    page: () => import('./RemotesPage.vue'),
    last: true,
  },
];
