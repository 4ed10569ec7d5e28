import { QuestionFilled } from '@element-plus/icons-vue';
import type { Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/questions',
    parameters: '/:id?',
    title: '部门答疑',
    hint: '市民的提问，答复与办理',
    icon: QuestionFilled,
    roles: ['clerk', 'dispatcher', 'supervisor'],
    page: () => import('./Inbox.vue'),
  },
];
