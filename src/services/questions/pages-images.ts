import { z } from 'zod';
import { citizenRoute as route, type ServiceDeps } from '../../dialogue/service';
import { notFound, UserError } from '../../platform/errors';
import { mostImageBytes } from '../../platform/files/image';
import { fileOutput } from '../../platform/http/file-answer';
import { bearerOf, link, one, ownOf } from './bearer';
import { imageId, imageSize } from './contract';
import { citizenOwner, imageOf } from './images';
import { admitUpload } from './page-limits';

/** Four questions' worth: whoever changes their mind takes others. */
const mostUnused = 24;

/** Photos that citizens bring to the page and look at on it. */
export const citizenImageRoutes = [
  route({
    method: 'post',
    path: '/questions/:token/images',
    summary: '部门答疑：传一张照片（内容就是图片本身），提问或补充时把编号写在 images 里；一天内没有用就会删除',
    role: 'public',
    params: link,
    upload: { mostBytes: mostImageBytes, types: ['image/'] },
    output: z.object({ id: z.string() }),
    status: 201,
    handler: async (call, deps) => {
      const owner = citizenOwner(await bearerOf(call, deps));
      await mustHaveFew(owner, deps);
      const image = await deps.files.makeImage(await call.upload());
      return { id: await deps.files.add(deps.db, image, { owner }) };
    },
  }),
  route({
    method: 'get',
    path: '/questions/:token/:question/images/:image',
    summary: '部门答疑：一个提问里的一张图片',
    role: 'public',
    params: one.extend({ image: imageId }),
    query: imageSize,
    output: fileOutput('image/jpeg'),
    handler: async (call, deps) => {
      const { id } = await ownOf(call, deps);
      const file = await imageOf(id, call.params.image, call.query.size, deps);
      if (!file) throw notFound('这张图片');
      return file;
    },
  }),
];

/** @throws UserError 429 */
async function mustHaveFew(owner: string, deps: ServiceDeps): Promise<void> {
  await admitUpload(owner, deps);
  if ((await deps.files.unused(deps.db, owner)) >= mostUnused)
    throw new UserError(429, 'too-many', '您传的照片太多了，还没有提交。请先提交，或明天再传');
}
