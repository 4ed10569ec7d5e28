import { z } from 'zod';
import { citizenRoute as route } from '../../dialogue/service';
import { organisationOfAccount } from '../../people/organisations';
import { fromWgs84 } from './datum';
import { findPlaces } from './found';
import { shelfOf } from './shelf';

const pageSize = 20;
const found = z.object({
  key: z.string(),
  title: z.string(),
  district: z.string(),
  address: z.string(),
  phone: z.string(),
  matters: z.string().describe('办什么，可能为空'),
  metres: z.number().nullable(),
  distance: z.string().describe('直线距离，不知道从哪里出发时为空'),
  open: z.boolean(),
  opening: z.string(),
  hours: z.string(),
  busy: z.string().describe('几个人在等；没有人知道时为空'),
  directions: z.string().describe('地图上的路线'),
});

/** What the page `/h5/#/nearby` reads. A POST: where somebody is belongs in no log of addresses. */
export const citizenRoutes = [
  route({
    method: 'post',
    path: '/nearby',
    summary: '最近的办事点：按位置由近到远，或按区县',
    role: 'public',
    body: z.strictObject({
      account: z.string().max(32),
      from: z
        .strictObject({
          latitude: z.number('应为数字').min(-90).max(90),
          longitude: z.number('应为数字').min(-180).max(180),
          datum: z.enum(['gcj02', 'wgs84'], '应为 gcj02（微信、腾讯地图）或 wgs84（浏览器的定位）'),
        })
        .optional()
        .describe('从哪里出发；不保存'),
      district: z.string().max(100).optional(),
      after: z.int().min(0).max(2_147_483_647).default(0).describe('上一页返回的 next'),
    }),
    output: z.object({
      demo: z.boolean().describe('是否演示数据'),
      districts: z.array(z.string()),
      places: z.array(found),
      next: z.number().nullable(),
    }),
    handler: async ({ body: { account, from, district, after } }, deps) => {
      const point = from?.datum === 'wgs84' ? fromWgs84(from) : from;
      const organisation = await organisationOfAccount(deps.db, account);
      const [all, { demo, districts }] = await Promise.all([
        findPlaces({ from: point, district }, organisation, deps),
        shelfOf(deps),
      ]);
      const next = after + pageSize < all.length ? after + pageSize : null;
      return { demo, districts, places: all.slice(after, after + pageSize), next };
    },
  }),
];
