import { z } from 'zod';
import type { ServiceDeps } from '../../dialogue/service';
import { maskName } from '../../people/identity/bindings';
import { mask } from '../../platform/field-encryption';
import { stateNames } from './own';
import type { Appointment } from './tables';

/** A booking as the desk sees it. */
export type Visit = Appointment & {
  walk_in: boolean;
  /** the order in which they are called */
  queue_rank: number | null;
  calls: number;
  /** called and not there */
  passed_at: Date | null;
};

/** A notice to the citizen of a booking, and what became of it. */
export type News = { kind: string; title: string; at: Date; status: string; reason: string | null };

const time = z.iso.datetime();
export const shownVisit = z.object({
  id: z.string(),
  code: z.string(),
  status: z.enum(Object.keys(stateNames) as [keyof typeof stateNames]),
  state: z.string(),
  resourceId: z.number(),
  what: z.string(),
  startsAt: time,
  endsAt: time,
  person: z.string().describe('已打码'),
  phone: z.string().describe('已打码'),
  walkIn: z.boolean().describe('现场取号，没有预约'),
  queueNumber: z.number().nullable(),
  queueRank: z.number().nullable().describe('叫号的先后，小的在前'),
  calledAt: time.nullable(),
  calls: z.number().describe('叫过几次'),
  passedAt: time.nullable().describe('过号：叫了没有来'),
  notices: z
    .array(
      z.object({ kind: z.string(), title: z.string(), at: time, status: z.string(), reason: z.string().nullable() }),
    )
    .describe('发给市民的通知和下落，新的在后'),
});

export const showVisit = (row: Visit, { encryption }: Pick<ServiceDeps, 'encryption'>, news: News[] = []) => ({
  id: row.id,
  code: row.code,
  status: row.status,
  state: row.passed_at && row.status === 'checked-in' ? '已过号' : stateNames[row.status],
  resourceId: row.resource_id,
  what: `${row.resource_title} ${row.resource_subtitle}`.trim(),
  startsAt: row.starts_at.toISOString(),
  endsAt: row.ends_at.toISOString(),
  person: maskName(encryption.open(row.name_sealed)),
  phone: row.phone_sealed ? mask(encryption.open(row.phone_sealed)) : '',
  walkIn: row.walk_in,
  queueNumber: row.queue_number,
  queueRank: row.queue_rank,
  calledAt: row.called_at?.toISOString() ?? null,
  calls: row.calls,
  passedAt: row.passed_at?.toISOString() ?? null,
  notices: news.map(({ at, ...one }) => ({ ...one, at: at.toISOString() })),
});
