import { defineService } from '../../dialogue/service';
import { showOffice, start } from './openers';
import { citizenRoutes } from './pages';

/** 排队人数: how many wait where, and where one stands oneself. It knows what other services contribute, and nothing else. */
export const queues = defineService({
  key: 'queues',
  kind: 'query',
  title: '排队人数',
  opens: [
    {
      key: 'queues',
      start,
      keywords: ['排队', '排队人数', '排队情况', '现在排队', '前面还有几个人', '人多吗'],
      scenes: ['queues'],
    },
    { key: 'queues.office', start: showOffice },
  ],
  citizenRoutes,
});
