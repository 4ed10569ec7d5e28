import { z } from 'zod';
import { staffRoute as route } from '../../dialogue/service';
import { notFound, UserError } from '../../platform/errors';
import { mostImageBytes } from '../../platform/files/image';
import { fileOutput } from '../../platform/http/file-answer';
import { seen } from './beside';
import { imageId, imageSize, oneQuestion, workers } from './contract';
import { imageOf, staffOwner } from './images';

const mostUnused = 60;

/**
 * Pictures of questions. A page that answers with pictures uploads each as it is chosen (the body is the file itself, with
 * `X-Requested-With`), and names the ids it got in `images` of the answer; see web/console/services/questions/ImagePicker.vue.
 * `images` of a message are addresses of the other route, with `?size=small` for a square to preview.
 */
export const imageRoutes = [
  route({
    method: 'post',
    path: '/:id/images',
    summary: '为答复传一张图片（内容就是图片本身），答复时把编号写在 images 里；一天内没有用就会删除',
    role: workers,
    params: oneQuestion,
    upload: { mostBytes: mostImageBytes, types: ['image/'] },
    output: z.object({ id: z.string() }),
    status: 201,
    handler: async ({ params, caller, upload }, deps) => {
      await seen(deps.db, params.id, caller);
      const owner = staffOwner(caller);
      if ((await deps.files.unused(deps.db, owner)) >= mostUnused)
        throw new UserError(429, 'too-many', '传了太多没有发出的图片，请先发出，或明天再传');
      const image = await deps.files.makeImage(await upload());
      return { id: await deps.files.add(deps.db, image, { owner }) };
    },
  }),
  route({
    method: 'get',
    path: '/:id/images/:image',
    summary: '一个提问里的一张图片，或自己刚传、还没有发出的一张',
    role: workers,
    params: oneQuestion.extend({ image: imageId }),
    query: imageSize,
    output: fileOutput('image/jpeg'),
    handler: async ({ params, query, caller }, deps) => {
      const { id } = await seen(deps.db, params.id, caller);
      const own = await deps.files.waiting(deps.db, [params.image], staffOwner(caller));
      const file =
        own.length > 0
          ? await deps.files.answer(params.image, query.size)
          : await imageOf(id, params.image, query.size, deps);
      if (!file) throw notFound('这张图片');
      return file;
    },
  }),
];
