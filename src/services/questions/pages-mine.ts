import { z } from 'zod';
import { citizenRoute as route } from '../../dialogue/service';
import { linkToken } from './link';

/** From a page that is signed in to the pages behind a signed link. */
export const mineRoute = route({
  method: 'get',
  path: '/my/questions',
  summary: '部门答疑：登录的市民到自己提问的链接',
  role: 'citizen',
  output: z.object({ path: z.string().describe('网页里的路径') }),
  handler: ({ caller }, deps) => ({ path: `/questions/${linkToken({ ...caller, questionId: null }, deps)}` }),
});
