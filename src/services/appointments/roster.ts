import type { Staff } from '../../people/staff';
import type { Queryable } from '../../platform/database';
import type { Day } from './days';
import { seen, selectVisits } from './desk';
import { noticeKey, notices } from './notices';
import type { News, Visit } from './visit';

/** Who comes to a resource on a day, by time; each with what they were told and whether it reached them. */
export async function roster(
  on: Queryable,
  caller: Staff,
  resourceId: number,
  day: Day,
): Promise<(Visit & { news: News[] })[]> {
  await seen(on, caller, resourceId);
  const visits = await on.query<Visit>(
    `${selectVisits} WHERE a.resource_id = $1 AND a.day = $2 AND a.status IN ('booked','checked-in','served','no-show','stopped')
     ORDER BY a.starts_at, a.queue_number NULLS LAST, a.id LIMIT 1000`,
    [resourceId, day],
  );
  const news = await newsOf(on, visits);
  return visits.map((visit) => ({ ...visit, news: withReply(visit, news.get(visit.id) ?? []) }));
}

/** Who booked in the chat was told by its answer, which left with the booking: no message of its own says so. */
function withReply({ booked_at: at, openid, walk_in }: Visit, news: News[]): News[] {
  const told = news.some(({ kind }) => kind === 'booked' || kind === 'moved');
  if (at === null || openid === null || walk_in || told) return news;
  const reply: News = {
    kind: 'booked',
    title: notices['appointments.booked'].title,
    at,
    status: 'sent',
    reason: '预约时在聊天里直接答复',
  };
  return [reply, ...news];
}

/** By booking; of calls the last one. */
export async function newsOf(on: Queryable, visits: Visit[]): Promise<Map<string, News[]>> {
  const asked = visits
    .filter(({ account_id }) => account_id !== null)
    .flatMap((visit) => kinds.map((kind) => ({ visit, kind, key: noticeKey(visit, kind) })));
  const rows = await on.query<Omit<News, 'title'> & { id: string }>(
    `SELECT asked.id, asked.kind, d.created_at AS at, d.status, d.reason
       FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) AS asked (id, account_id, kind, key)
       JOIN deliveries d ON d.account_id = asked.account_id AND d.dedupe_key = asked.key ORDER BY d.id`,
    [
      asked.map(({ visit }) => visit.id),
      asked.map(({ visit }) => visit.account_id),
      asked.map(({ kind }) => kind),
      asked.map(({ key }) => key),
    ],
  );
  const found = new Map<string, News[]>();
  for (const { id, ...one } of rows)
    found.set(id, [...(found.get(id) ?? []), { ...one, title: notices[`appointments.${one.kind as Kind}`].title }]);
  return found;
}

type Kind = Parameters<typeof noticeKey>[1];
const kinds: Kind[] = ['offered', 'held', 'booked', 'moved', 'reminder', 'called', 'substituted', 'stopped'];
