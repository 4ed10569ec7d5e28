import { Calendar, ChatLineSquare, DataAnalysis, Guide, QuestionFilled } from '@element-plus/icons-vue';
import { get } from '../../api';
import type { Finder, Room } from '../../rooms';
import type { Page } from '../../types';
import type { QuestionRow } from './types';
import { base } from './words';

export const rooms: Room[] = [
  {
    path: '/questions',
    position: 10,
    parameters: '/:id?',
    title: '部门答疑',
    hint: '市民的提问，答复与办理',
    icon: QuestionFilled,
    roles: ['clerk', 'dispatcher', 'supervisor'],
    page: () => import('./Inbox.vue'),
  },
  {
    path: '/canned-answers',
    title: '常用语',
    hint: '答复里常说的话',
    icon: ChatLineSquare,
    roles: ['clerk', 'dispatcher', 'supervisor'],
    page: () => import('./CannedAnswers.vue'),
  },
  {
    path: '/question-rules',
    title: '自动派单',
    hint: '没选部门的提问派给谁',
    icon: Guide,
    roles: ['dispatcher', 'supervisor'],
    page: () => import('./RoutingRules.vue'),
  },
  {
    path: '/question-figures',
    title: '答疑统计',
    hint: '提问、用时、按时率、满意率，导出',
    icon: DataAnalysis,
    roles: ['supervisor', 'clerk'],
    page: () => import('./FiguresPage.vue'),
  },
  {
    path: '/question-limits',
    title: '日历与时限',
    hint: '工作日历、答复和办结的时限',
    icon: Calendar,
    roles: ['supervisor', 'admin', 'operator'],
    page: () => import('./RulesPage.vue'),
    last: true,
  },
];

/** By number alone: what it says is for the list to search. */
export const finder: Finder = {
  roles: ['clerk', 'dispatcher', 'supervisor'],
  find: async (text) => {
    if (!/^q\d{6,}$/i.test(text)) return [];
    const { items } = await get<Page<QuestionRow>>(`${base}/list`, {
      search: text.toUpperCase(),
      limit: 5,
    });
    return items.map(({ id, number, excerpt }) => ({ title: number, hint: excerpt, path: `/questions/${id}` }));
  },
};
