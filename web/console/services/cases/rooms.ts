import { Files, FolderOpened, Link, Upload } from '@element-plus/icons-vue';
import type { Room } from '../../rooms';

export const rooms: Room[] = [
  {
    path: '/cases',
    parameters: '/:id?',
    title: '办件',
    hint: '市民申请的事办到哪一步，超期的有哪些',
    icon: Files,
    roles: ['clerk', 'operator', 'supervisor'],
    page: () => import('./CasesPage.vue'),
    last: true,
  },
  {
    path: '/case-imports',
    parameters: '/:id?',
    title: '导入办件',
    hint: '把一个文件里的办件读进来',
    icon: Upload,
    roles: ['operator', 'supervisor'],
    page: () => import('./ImportPage.vue'),
    last: true,
  },
  {
    path: '/case-sources',
    title: '办件来源',
    hint: '哪些单位的办件，怎么来的',
    icon: FolderOpened,
    roles: ['clerk', 'operator', 'supervisor', 'admin'],
    page: () => import('./SourcesPage.vue'),
    last: true,
  },
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
