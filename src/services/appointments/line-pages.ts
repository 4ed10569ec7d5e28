import { z } from 'zod';
import { citizenRoute as route } from '../../dialogue/service';
import { maskName } from '../../people/identity/bindings';
import { dayOf } from './days';
import { linesOf } from './lines';

/** Where a citizen waits. Before `/appointments/:id`, which would take it for a booking. */
export const linePages = [
  route({
    method: 'get',
    path: '/appointments/waiting',
    summary: '预约：我的候补，排第几，候补到的号',
    role: 'citizen',
    output: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          day: z.string(),
          status: z.enum(['waiting', 'offered']),
          place: z.number(),
          what: z.string(),
          where: z.string(),
          person: z.string().describe('已打码'),
          appointmentId: z.string().nullable().describe('候补到的号，在 until 之前确认'),
          until: z.iso.datetime().nullable(),
        }),
      ),
    }),
    handler: async ({ caller }, { db, clock, encryption }) => {
      const lines = await linesOf(db, caller, dayOf(clock.now()), clock.now());
      return {
        items: lines.map((line) => ({
          id: line.id,
          day: line.day,
          status: line.status,
          place: line.place,
          what: `${line.resource_title} ${line.resource_subtitle}`.trim(),
          where: [line.house_title, line.organisation_title].filter(Boolean).join(' '),
          person: maskName(encryption.open(line.name_sealed)),
          appointmentId: line.appointment_id,
          until: line.until?.toISOString() ?? null,
        })),
      };
    },
  }),
];
