import { z } from 'zod';
import { citizenRoute, defineService } from '../../src/dialogue/service';
import { notFound } from '../../src/platform/errors';
import { mostImageBytes } from '../../src/platform/files/image';
import { fileOutput } from '../../src/platform/http/file-answer';

/** How many have been taken by the route that thinks, and the word that lets them go on. */
export let thinking = 0;
export let decide: () => void;
const decided = new Promise<void>((resolve) => {
  decide = resolve;
});

/** A service that takes pictures and gives them back. */
export const album = defineService({
  key: 'album',
  kind: 'do',
  title: '相册',
  opens: [],
  citizenRoutes: [
    citizenRoute({
      method: 'post',
      path: '/album',
      summary: '存一张',
      role: 'public',
      upload: { mostBytes: mostImageBytes, types: ['image/'] },
      output: z.object({ id: z.string() }),
      status: 201,
      handler: async ({ upload }, { files, db }) => ({
        id: await files.add(db, await files.makeImage(await upload()), { owner: 'album' }),
      }),
    }),
    citizenRoute({
      method: 'post',
      path: '/album-later',
      summary: '先想一会儿再收',
      role: 'public',
      upload: { mostBytes: mostImageBytes, types: ['image/'] },
      output: z.object({}),
      handler: async ({ upload }) => {
        thinking += 1;
        await decided;
        try {
          await upload();
        } finally {
          thinking -= 1;
        }
        return {};
      },
    }),
    citizenRoute({
      method: 'get',
      path: '/album/:id',
      summary: '看一张',
      role: 'public',
      params: z.object({ id: z.string() }),
      query: z.object({ size: z.enum(['whole', 'small']).default('whole') }),
      output: fileOutput('image/jpeg'),
      handler: async ({ params, query }, { files }) => {
        const file = await files.answer(params.id, query.size);
        if (!file) throw notFound('这张图片');
        return file;
      },
    }),
  ],
});
