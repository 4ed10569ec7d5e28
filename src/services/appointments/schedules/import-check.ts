import type { Staff } from '../../../people/staff';
import type { Queryable } from '../../../platform/database';
import type { Line } from '../../../platform/sheets/read';
import { dayOf } from '../days';
import { type RuleInput, resourceFields, ruleContract, rulesContract } from './contract';
import { within } from './managed';

export const columns = [
  '单位',
  '科室或部门',
  '类别',
  '名称',
  '职称或事项',
  '地点',
  '星期',
  '班次',
  '开始',
  '结束',
  '每号分钟',
  '每个时段人数',
  '号池',
  '节假日照常',
  '生效日期',
  '截止日期',
] as const;
type Column = (typeof columns)[number];
const needed: readonly Column[] = ['科室或部门', '类别', '名称'];
const ofRule: readonly Column[] = ['星期', '开始', '结束', '每号分钟', '每个时段人数'];

export type Fault = { line: number; column: string; message: string };
/** One doctor or counter of the file, with all its rules. `id`: there already. */
export type ToApply = {
  line: number;
  organisationId: number;
  office: string;
  id: number | null;
  kind: 'doctor' | 'clinic' | 'counter';
  title: string;
  subtitle: string;
  place: string;
  rules: RuleInput[];
};

const mostFaults = 500;
const kinds = { 医生: 'doctor', 门诊: 'clinic', 窗口: 'counter' } as const;
const pools = { 网上: 'online', 窗口: 'counter' } as const;
const yes: Record<string, boolean> = { 是: true, 否: false };

type Row = Record<Column, string>;

/** What the lines say, and where they say nothing that can be done. Nothing is written. */
export async function checkLines(
  on: Queryable,
  [header, ...lines]: Line[],
  { caller, at }: { caller: Staff; at: Date },
): Promise<{ resources: ToApply[]; faults: Fault[] }> {
  const faults: Fault[] = [];
  const names = header?.cells ?? [];
  for (const name of [...needed, ...ofRule])
    if (!names.includes(name)) faults.push({ line: 1, column: name, message: '缺少这一列，请用模板' });
  if (faults.length > 0) return { resources: [], faults };
  if (lines.length === 0)
    return { resources: [], faults: [{ line: 1, column: '', message: '没有内容，从第 2 行起填写' }] };
  const offices = await officesFor(on, caller);
  const found = new Map<string, ToApply>();
  for (const line of lines) {
    const fault = (column: Column | '', message: string) => faults.push({ line: line.line, column, message });
    if (line.formula) {
      fault('', '含有公式，请粘贴为数值');
      continue;
    }
    const row = Object.fromEntries(columns.map((name) => [name, line.cells[names.indexOf(name)] ?? ''])) as Row;
    const resource = resourceOf(row, line.line, offices, fault);
    const rule = ruleOf(row, at, fault);
    if (!resource) continue;
    const key = JSON.stringify([resource.organisationId, resource.kind, resource.title, resource.subtitle]);
    const one = found.get(key) ?? resource;
    found.set(key, one);
    if (rule && clashes(one.rules, rule)) fault('开始', '与前面的行时间重叠');
    else if (rule) one.rules.push(rule);
  }
  const resources = [...found.values()];
  await findKnown(on, resources);
  return { resources, faults: faults.slice(0, mostFaults) };
}

type Tell = (column: Column | '', message: string) => void;
type Office = { id: number; title: string; house: string | null };

function resourceOf(row: Row, line: number, offices: Office[], fault: Tell): ToApply | undefined {
  const kind = kinds[row.类别 as keyof typeof kinds];
  if (!kind) fault('类别', '应为医生、门诊或窗口');
  for (const [column, contract] of [
    ['名称', resourceFields.title],
    ['职称或事项', resourceFields.subtitle],
    ['地点', resourceFields.place],
  ] as const) {
    const checked = contract.safeParse(row[column]);
    if (!checked.success) fault(column, checked.error.issues[0]!.message);
  }
  const matching = offices.filter(
    ({ title, house }) => title === row.科室或部门 && (row.单位 === '' || house === row.单位),
  );
  if (matching.length === 0)
    fault('科室或部门', '您管理的范围里没有这个科室或部门，请核对单位和名称，或先在「组织」里添加');
  if (matching.length > 1) fault('单位', '有几个单位都有这个科室，请写明单位');
  const [office] = matching;
  if (!kind || matching.length !== 1 || !office || row.名称 === '') return undefined;
  return {
    line,
    organisationId: office.id,
    office: [office.house, office.title].filter(Boolean).join(' '),
    id: null,
    kind,
    title: row.名称,
    subtitle: row.职称或事项,
    place: row.地点,
    rules: [],
  };
}

/** A line without any of the rule's columns says only that the doctor or counter is there. */
function ruleOf(row: Row, at: Date, fault: Tell): RuleInput | undefined {
  if (ofRule.every((column) => row[column] === '')) return undefined;
  const weekdays = weekdaysOf(row.星期);
  const pool = row.号池 === '' ? 'online' : pools[row.号池 as keyof typeof pools];
  const onHolidays = row.节假日照常 === '' ? false : yes[row.节假日照常];
  if (!weekdays) fault('星期', '应为星期几，如 一三五、1,3,5 或 一至五');
  if (!pool) fault('号池', '应为网上或窗口');
  if (onHolidays === undefined) fault('节假日照常', '应为是或否');
  const checked = ruleContract.safeParse({
    weekdays: weekdays ?? [1],
    shift: row.班次,
    from: clockOf(row.开始),
    to: clockOf(row.结束),
    minutes: numberOf(row.每号分钟),
    capacity: numberOf(row.每个时段人数),
    pool: pool ?? 'online',
    onHolidays: onHolidays ?? false,
    validFrom: dateOf(row.生效日期) || dayOf(at),
    validTo: dateOf(row.截止日期) || null,
  });
  for (const issue of checked.error?.issues ?? []) fault(columnOf[String(issue.path[0])] ?? '', issue.message);
  return checked.success && weekdays && pool && onHolidays !== undefined ? checked.data : undefined;
}

const columnOf: Record<string, Column> = {
  shift: '班次',
  from: '开始',
  to: '结束',
  minutes: '每号分钟',
  capacity: '每个时段人数',
  validFrom: '生效日期',
  validTo: '截止日期',
};

const dayNames = '一二三四五六日';
function weekdaysOf(text: string): number[] | undefined {
  const plain = text
    .replace(/周|星期|礼拜/g, '')
    .replace(/天/g, '日')
    .replace(/[1-7]/g, (digit) => dayNames[Number(digit) - 1]!);
  const span = /^([一二三四五六日])[至到\-~]([一二三四五六日])$/.exec(plain);
  const letters = span
    ? dayNames.slice(dayNames.indexOf(span[1]!), dayNames.indexOf(span[2]!) + 1)
    : plain.replace(/[\s,、，/;]/g, '');
  if (letters === '' || [...letters].some((letter) => !dayNames.includes(letter))) return undefined;
  return [...new Set([...letters].map((letter) => dayNames.indexOf(letter) + 1))].sort();
}

const clockOf = (text: string) =>
  text
    .replace('：', ':')
    .replace(/^(\d):/, '0$1:')
    .replace(/^(\d\d:\d\d):00$/, '$1');
const numberOf = (text: string) => (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN);
const dateOf = (text: string) =>
  text.replace(/^(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?(?: \d\d:\d\d)?$/, (_all, year, month, day) =>
    [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-'),
  );
const clashes = (rules: RuleInput[], rule: RuleInput) => !rulesContract.safeParse([...rules, rule]).success;

const officesFor = (on: Queryable, caller: Staff): Promise<Office[]> =>
  on.query<Office>(
    `SELECT o.id, o.title, p.title AS house FROM organisations o LEFT JOIN organisations p ON p.id = o.parent_id
      WHERE o.path LIKE ANY ($1) AND o.disabled_at IS NULL`,
    [within(caller)],
  );

/** Which of them are there by now. */
export async function findKnown(on: Queryable, resources: ToApply[]): Promise<void> {
  const known = await on.query<{ id: number; organisation_id: number; kind: string; title: string; subtitle: string }>(
    `SELECT id, organisation_id, kind, title, subtitle FROM appointment_resources WHERE organisation_id = ANY ($1::int[])`,
    [resources.map(({ organisationId }) => organisationId)],
  );
  const ids = new Map(
    known.map((one) => [JSON.stringify([one.organisation_id, one.kind, one.title, one.subtitle]), one.id]),
  );
  for (const one of resources)
    one.id = ids.get(JSON.stringify([one.organisationId, one.kind, one.title, one.subtitle])) ?? null;
}
