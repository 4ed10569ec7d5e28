import type { ServiceDeps } from '../../dialogue/service';
import { dayOf } from './days';
import { loadDemoPast } from './demo-past';
import { makeAllSlots } from './jobs';

type Demo = {
  key: string;
  organisation: string;
  kind: 'doctor' | 'clinic' | 'counter';
  title: string;
  subtitle: string;
  place: string;
  weekdays: number[];
  hours: [string, string][];
  minutes: number;
  capacity: number;
  /** places in each half hour for those who come without booking */
  walkIns?: number;
};

const weekdays = [1, 2, 3, 4, 5];
const morning: [string, string] = ['08:30', '11:30'];
const afternoon: [string, string] = ['14:00', '17:00'];

/** Openly made up, like the city they are for; doctors have no names that anybody bears. */
const resources: Demo[] = [
  doctor('internal-1', 'hospital-first-desk', '内科示例医生甲', '主任医师', [1, 3, 5], 3),
  doctor('internal-2', 'hospital-first-desk', '内科示例医生乙', '副主任医师', [2, 4], 4),
  doctor('surgery-1', 'hospital-first-desk', '外科示例医生丙', '主治医师', weekdays, 4),
  { ...clinic('fever', 'hospital-first-desk', '发热门诊', '普通号', [1, 2, 3, 4, 5, 6, 7], 8), walkIns: 2 },
  doctor('children-1', 'hospital-maternity-desk', '儿科示例医生丁', '主任医师', weekdays, 3),
  doctor('maternity-1', 'hospital-maternity-desk', '产科示例医生戊', '副主任医师', [1, 2, 4], 3),
  counter('household-1', 'police-household', '户籍窗口', '落户、迁移、身份证', 6),
  counter('exit-entry-1', 'police-exit-entry', '出入境窗口', '护照、通行证', 8),
  counter('vehicles-1', 'police-vehicles', '车管窗口', '机动车、驾驶证', 10),
  counter('station-east-1', 'police-station-east', '综合窗口', '户籍、居住证、证明', 4),
  counter('station-west-1', 'police-station-west', '综合窗口', '户籍、居住证、证明', 4),
];

function doctor(
  key: string,
  organisation: string,
  title: string,
  subtitle: string,
  days: number[],
  capacity: number,
): Demo {
  return {
    key,
    organisation,
    kind: 'doctor',
    title,
    subtitle,
    place: '门诊楼 2 层',
    weekdays: days,
    hours: [morning, afternoon],
    minutes: 30,
    capacity,
  };
}
function clinic(
  key: string,
  organisation: string,
  title: string,
  subtitle: string,
  days: number[],
  capacity: number,
): Demo {
  return { ...doctor(key, organisation, title, subtitle, days, capacity), kind: 'clinic', place: '门诊楼 1 层' };
}
function counter(key: string, organisation: string, title: string, subtitle: string, capacity: number): Demo {
  return {
    ...doctor(key, organisation, title, subtitle, weekdays, capacity),
    kind: 'counter',
    place: '办事大厅 1 层',
    minutes: 60,
    hours: [
      ['09:00', '12:00'],
      ['13:00', '17:00'],
    ],
  };
}

/** Loaded once, so that what a visitor has changed stays changed. */
export async function loadDemo(deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [first] = await tx.query(
      `INSERT INTO settings (key, value, updated_at) VALUES ('appointments.demo-loaded', 'true', $1)
       ON CONFLICT DO NOTHING RETURNING key`,
      [deps.clock.now()],
    );
    if (!first) return;
    for (const [position, one] of resources.entries()) {
      const [made] = await tx.query<{ id: number }>(
        `INSERT INTO appointment_resources (key, organisation_id, kind, title, subtitle, place, position)
         SELECT $1, id, $3, $4, $5, $6, $7 FROM organisations WHERE key = $2 RETURNING id`,
        [`demo-${one.key}`, one.organisation, one.kind, one.title, one.subtitle, one.place, (position + 1) * 10],
      );
      await tx.query(
        `INSERT INTO appointment_rules (resource_id, weekdays, from_time, to_time, minutes, capacity, pool, valid_from)
         SELECT $1, $2, from_time, to_time, $5, capacity, pool, $8
           FROM unnest($3::time[], $4::time[]) AS h (from_time, to_time),
                (VALUES ('online', $6::int), ('counter', $7)) AS p (pool, capacity) WHERE capacity > 0`,
        [
          made!.id,
          one.weekdays,
          one.hours.map(([from]) => from),
          one.hours.map(([, to]) => to),
          one.minutes,
          one.capacity,
          one.walkIns ?? 0,
          dayOf(deps.clock.now()),
        ],
      );
    }
    await loadDemoPast(tx, deps);
  });
  await makeAllSlots(deps);
}
