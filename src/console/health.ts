import { z } from 'zod';
import { route, time } from './contract';

export const healthRoutes = [
  route({
    method: 'get',
    path: '/health',
    summary: '各部分的运行情况',
    role: ['admin', 'operator', 'supervisor', 'auditor'],
    output: z.object({
      at: time,
      ready: z.boolean(),
      parts: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })),
    }),
    handler: async (_, { health, clock }) => ({ at: clock.now().toISOString(), ...(await health()) }),
  }),
];
