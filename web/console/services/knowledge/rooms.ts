import { Notebook } from '@element-plus/icons-vue';
import type { Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/knowledge',
    parameters: '/:id?',
    title: '常见问答',
    hint: '市民能搜到的问答：编写、审核、发布',
    icon: Notebook,
    roles: ['clerk', 'operator', 'reviewer', 'supervisor'],
    page: () => import('./KnowledgePage.vue'),
    last: true,
  },
];
