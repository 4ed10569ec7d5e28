import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import type { Queryable } from '../../platform/database';
import { notFound } from '../../platform/errors';
import { visibleLength } from '../../platform/visible';
import { ask, leftToday } from './ask';
import { bearerOf, link, mustBeForAll, one, own, ownOf } from './bearer';
import { mayRate, questionsOf, ratingBegun, supplement } from './citizen';
import { rate } from './closing';
import { imageId, key, written } from './contract';
import { departmentsBelow } from './departments';
import { imagesOf, mostPhotos } from './images';
import type { Bearer } from './link';
import { fromPlace, toPlace } from './place';
import type { QuestionRow } from './tables';
import { excerpt, opened } from './wording';

const status = z.enum(['open', 'answered', 'closed']);
const time = z.iso.datetime();
const done = z.object({ done: z.literal(true) });
const words = (least: number) => written(least, 500, `至少 ${least} 个字`);
const images = z
  .array(imageId)
  .max(mostPhotos, `最多 ${mostPhotos} 张照片`)
  .default([])
  .describe(`先传好的照片的编号，最多 ${mostPhotos} 张`);
const place = z
  .object({
    label: z.string().trim().max(100, '最多 100 个字').default(''),
    latitude: z.number().min(-90).max(90).optional(),
    longitude: z.number().min(-180).max(180).optional(),
  })
  .refine(({ label, latitude, longitude }) => label !== '' || (latitude !== undefined && longitude !== undefined), {
    error: '请写地点，或给出经纬度',
    path: ['label'],
  });
const pageSize = 20;

const listed = z.object({
  number: z.string(),
  status,
  askedAt: time,
  excerpt: z.string(),
  organisation: z.string().nullable().describe('空：正在分派'),
  replied: z.boolean(),
});
const asked = z.object({
  number: z.string(),
  status,
  askedAt: time,
  organisation: z.string().nullable(),
  place: z.string().nullable(),
  messages: z.array(
    z.object({
      id: z.string(),
      at: time,
      from: z.enum(['citizen', 'department']),
      text: z.string(),
      images: z.array(z.string()).describe('图片的地址；后面加 ?size=small 得到方形小图'),
      awaited: z.number().describe('还有几张照片正在从微信取'),
      lost: z.number().describe('有几张照片没能取到'),
    }),
  ),
  canRate: z.boolean(),
  canSupplement: z.boolean(),
  solved: z.boolean().nullable(),
  satisfied: z.number().nullable(),
});

/** What the pages behind a signed link read and send. A link that does not hold and a question that is not theirs are both not there. */
export const citizenRoutes = [
  route({
    method: 'get',
    path: '/questions/:token/form',
    summary: '部门答疑：提问要选的部门，今天还能提几个',
    role: 'public',
    params: link,
    output: z.object({ departments: z.array(z.object({ id: z.number(), title: z.string() })), left: z.number() }),
    handler: async (call, deps) => {
      const bearer = await bearerOf(call, deps);
      mustBeForAll(bearer);
      return {
        departments: await departmentsBelow(deps.db, await organisationOf(deps.db, bearer)),
        left: await leftToday(deps.db, { ...bearer, at: deps.clock.now() }, deps),
      };
    },
  }),
  route({
    method: 'get',
    path: '/questions/:token',
    summary: '部门答疑：我的提问，新的在前',
    role: 'public',
    params: link,
    query: z.object({ after: z.string().max(300).optional().describe('上一页给出的 next') }),
    output: z.object({ items: z.array(listed), next: z.string().nullable() }),
    handler: async (call, deps) => {
      const bearer = await bearerOf(call, deps);
      if (bearer.questionId !== null)
        return { items: [list(await own(deps.db, bearer, bearer.questionId), deps)], next: null };
      const before = fromPlace(call.query.after)?.[1];
      const rows = await questionsOf(deps.db, bearer, { before, limit: pageSize + 1 });
      const shown = rows.slice(0, pageSize);
      return {
        items: shown.map((row) => list(row, deps)),
        next: rows.length > pageSize ? toPlace('infinity', shown.at(-1)!.id) : null,
      };
    },
  }),
  route({
    method: 'post',
    path: '/questions/:token',
    summary: '部门答疑：提问',
    role: 'public',
    params: link,
    body: z.object({
      organisationId: z.number().int().positive().max(2_147_483_647).nullable().describe('空：不清楚该问谁'),
      text: words(5),
      publishable: z.boolean(),
      images,
      place: place.nullable().default(null),
      key,
    }),
    output: z.object({ number: z.string() }),
    status: 201,
    handler: async (call, deps) => {
      const bearer = await bearerOf(call, deps);
      mustBeForAll(bearer);
      return deps.db.transaction(async (tx) => {
        const { organisationId } = call.body;
        const departments = await departmentsBelow(tx, await organisationOf(tx, bearer));
        if (organisationId !== null && !departments.some(({ id }) => id === organisationId)) throw notFound('这个部门');
        const { images, place, ...question } = call.body;
        const { number } = await ask(
          tx,
          {
            ...bearer,
            ...question,
            pictures: images.map((fileId) => ({ fileId })),
            place: place ?? undefined,
            at: deps.clock.now(),
          },
          deps,
        );
        return { number };
      });
    },
  }),
  route({
    method: 'get',
    path: '/questions/:token/:question',
    summary: '部门答疑：一个提问和答复',
    role: 'public',
    params: one,
    output: asked,
    handler: async (call, deps) => show(await ownOf(call, deps), call.params.token, deps),
  }),
  route({
    method: 'post',
    path: '/questions/:token/:question/messages',
    summary: '部门答疑：补充',
    role: 'public',
    params: one,
    body: z
      .object({ text: words(0), images, key })
      .refine(({ text, images }) => visibleLength(text) > 0 || images.length > 0, {
        error: '请写补充的内容，或加上照片',
        path: ['text'],
      }),
    output: done,
    handler: async (call, deps) => {
      const { id } = await ownOf(call, deps);
      const { text, images, key } = call.body;
      const pictures = images.map((fileId) => ({ fileId }));
      await deps.db.transaction((tx) => supplement(tx, { id, text, pictures, key, at: deps.clock.now() }, deps));
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/questions/:token/:question/rating',
    summary: '部门答疑：解决了吗，满意吗（5 非常满意 … 1 非常不满意）',
    role: 'public',
    params: one,
    body: z
      .object({ solved: z.boolean().optional(), satisfied: z.number().int().min(1).max(5).optional() })
      .refine(({ solved, satisfied }) => solved !== undefined || satisfied !== undefined, '请至少评价一项')
      .describe('两项一起，或先一项、后一项'),
    output: done,
    handler: async (call, deps) => {
      const { id } = await ownOf(call, deps);
      await deps.db.transaction((tx) => rate(tx, { id, ...call.body, at: deps.clock.now() }, deps));
      return { done: true as const };
    },
  }),
];

async function organisationOf(on: Queryable, { accountId }: Bearer): Promise<number> {
  const [row] = await on.query<{ organisation_id: number }>('SELECT organisation_id FROM accounts WHERE id = $1', [
    accountId,
  ]);
  return row!.organisation_id;
}

/** Citizens read what they wrote themselves, whole. */
const list = (row: QuestionRow, { encryption }: ServiceDeps): z.input<typeof listed> => ({
  number: row.number,
  status: row.status,
  askedAt: row.asked_at.toISOString(),
  excerpt: excerpt(opened(row, encryption)),
  organisation: row.organisation_title,
  replied: row.first_replied_at !== null,
});

async function show(row: QuestionRow, token: string, { db, encryption }: ServiceDeps): Promise<z.input<typeof asked>> {
  const pictures = await imagesOf(db, row.id, (image) => `/api/h5/questions/${token}/${row.number}/images/${image}`);
  const messages = await db.query<{
    id: string;
    at: Date;
    kind: string;
    text: string;
    text_sealed: string | null;
  }>(
    `SELECT m.id::text, m.at, m.kind, m.text, m.text_sealed FROM question_messages m
      WHERE m.question_id = $1 AND m.kind IN ('citizen','answer') ORDER BY m.id DESC LIMIT 200`,
    [row.id],
  );
  return {
    number: row.number,
    status: row.status,
    askedAt: row.asked_at.toISOString(),
    organisation: row.organisation_title,
    place: row.place,
    messages: messages.reverse().map((message) => ({
      id: message.id,
      at: message.at.toISOString(),
      from: message.kind === 'citizen' ? 'citizen' : 'department',
      text: opened(message, encryption),
      ...pictures(message.id),
    })),
    canRate: mayRate(row),
    canSupplement: row.status !== 'closed',
    // What was said of an earlier answer is not said of this one.
    solved: mayRate(row) && !ratingBegun(row) ? null : row.solved,
    satisfied: mayRate(row) && !ratingBegun(row) ? null : row.satisfied,
  };
}
