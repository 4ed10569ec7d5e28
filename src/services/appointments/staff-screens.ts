import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { fileOutput } from '../../platform/http/file-answer';
import { desk } from './desk';
import { screenStream } from './screen-stream';
import { openScreen, revokeScreen, screensFor } from './screens';

const resource = z.number().int().positive().max(2_147_483_647);

/** Screens in the hall. */
export const screenRoutes = [
  route({
    method: 'get',
    path: '/screens',
    summary: '预约：打开着的叫号大屏',
    role: desk,
    output: z.object({
      items: z.array(
        z.object({
          id: z.number(),
          title: z.string(),
          resources: z.array(z.string()),
          openedAt: z.iso.datetime(),
          by: z.string(),
        }),
      ),
    }),
    handler: async ({ caller }, { db }) => ({
      items: (await screensFor(db, caller)).map((one) => ({ ...one, openedAt: one.openedAt.toISOString() })),
    }),
  }),
  route({
    method: 'post',
    path: '/screens',
    summary: '预约：打开一块叫号大屏；令牌只在这里给出一次',
    role: desk,
    body: z.strictObject({
      title: z.string().trim().min(1, '请填写大屏的标题').max(40),
      resourceIds: z.array(resource).min(1, '至少选一位医生或一个窗口').max(12, '一块屏最多 12 个'),
    }),
    output: z.object({ id: z.number(), token: z.string() }),
    status: 201,
    handler: (asked, deps) => openScreen(asked, asked.body, deps),
  }),
  route({
    method: 'delete',
    path: '/screens/:id',
    summary: '预约：收回一块叫号大屏的链接',
    role: desk,
    params: z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) }),
    output: z.object({ done: z.literal(true) }),
    handler: async (asked, deps) => {
      await revokeScreen(asked, asked.params.id, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/screen',
    summary: '预约：大屏的内容，实时；凭大屏的令牌，不用登录，只有号码和打码的姓名',
    role: 'public',
    // In the body, so that it stands in no log of addresses.
    body: z.strictObject({ token: z.string().min(1).max(100) }),
    output: fileOutput('text/event-stream'),
    handler: ({ body }, deps) => screenStream(body.token, deps),
  }),
];
