import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { addPlace, changePlace, editors, hidePlace, listPlaces, officesFor, placeFor } from './edit';
import { placeContract } from './place';

const pageSize = 30;
const ofPlace = z.object({ key: z.string().max(60) });
const done = z.object({ done: z.literal(true) });
/** As staff write it: what it is called by is ours to give, and whether citizens see it is an act by itself. */
const written = placeContract.omit({ key: true, hidden: true });
const shown = placeContract.extend({
  organisationTitle: z.string().describe('归哪个单位管；没有写的归全市'),
  hidden: z.boolean(),
  demo: z.boolean(),
});

/** The places of the city as its operators keep them: each those of their own organisations. */
export const staffRoutes = [
  route({
    method: 'get',
    path: '/places',
    summary: '办事点：我管的，连同隐藏的',
    role: editors,
    query: z.object({
      search: z.string().trim().max(40).default('').describe('名称、地址或区县里的字'),
      after: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('上一页给出的 next'),
    }),
    output: z.object({ items: z.array(shown), next: z.string().nullable() }),
    handler: async ({ caller, query: { search, after } }, { db }) => {
      const found = await listPlaces(db, caller, { search, after, limit: pageSize + 1 });
      return { items: found.slice(0, pageSize), next: found.length > pageSize ? String(after + pageSize) : null };
    },
  }),
  route({
    method: 'get',
    path: '/places/setup',
    summary: '办事点：填写时可选的区县和单位',
    role: editors,
    output: z.object({
      districts: z.array(z.string()),
      offices: z.array(z.object({ key: z.string().nullable().describe('空的归全市'), title: z.string() })),
    }),
    handler: async ({ caller }, { db }) => {
      const rows = await db.query<{ district: string }>(
        'SELECT district FROM nearby_places GROUP BY district ORDER BY min(district_position)',
      );
      return { districts: rows.map(({ district }) => district), offices: await officesFor(db, caller) };
    },
  }),
  route({
    method: 'get',
    path: '/places/:key',
    summary: '办事点：一处',
    role: editors,
    params: ofPlace,
    output: shown,
    handler: ({ caller, params }, { db }) => placeFor(db, caller, params.key),
  }),
  route({
    method: 'post',
    path: '/places',
    summary: '办事点：添加一处，市民马上看得到',
    role: editors,
    body: written,
    output: z.object({ key: z.string() }),
    status: 201,
    handler: async (call, deps) => ({ key: await addPlace(call, call.body, deps) }),
  }),
  route({
    method: 'put',
    path: '/places/:key',
    summary: '办事点：修改一处，马上生效',
    role: editors,
    params: ofPlace,
    body: written,
    output: done,
    handler: async (call, deps) => {
      await changePlace(call, call.params.key, call.body, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/places/:key/hide',
    summary: '办事点：对市民隐藏，或重新显示',
    role: editors,
    params: ofPlace,
    body: z.strictObject({ hidden: z.boolean() }),
    output: done,
    handler: async (call, deps) => {
      await hidePlace(call, call.params.key, call.body.hidden, deps);
      return { done: true as const };
    },
  }),
];
