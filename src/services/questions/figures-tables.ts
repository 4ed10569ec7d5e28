import type { Department } from '../../dialogue/figures/departments';
import { askedFor } from '../../dialogue/figures/exports';
import type { Period } from '../../dialogue/figures/period';
import type { ServiceDeps } from '../../dialogue/service';
import { type Table, type Tables, tableOf } from '../../platform/sheets/make';
import { type Cell, type Column, dayCell } from '../../platform/sheets/workbook';
import { levels } from './closing';
import { bounds, type Figures, figuresOf, readers } from './figures';
import { gradeTitles } from './policies';
import { type QuestionRow, selectQuestions } from './tables';
import { citizenName } from './wording';

/** The tables that can be had as a file; what the asker may see is decided anew when the file is made. */
export const tables = (deps: ServiceDeps): Tables => ({
  'questions.list': async (parameters) => {
    const { department, period } = await askedFor(parameters, readers, deps);
    return questionList(department, period, deps);
  },
  'questions.days': async (parameters) => {
    const { department, period, caller } = await askedFor(parameters, readers, deps);
    const { days, total } = await figuresOf(department, period, caller, deps);
    return tableOf(
      '按日',
      [{ title: '日期', width: 12, kind: 'date' }, ...columns],
      [...days.map((one) => [dayCell(one.day), ...cellsOf(one)]), ['合计', ...cellsOf(total)]],
    );
  },
  'questions.clerks': async (parameters) => {
    const { department, period, caller } = await askedFor(parameters, readers, deps);
    const { clerks, total } = await figuresOf(department, period, caller, deps);
    return tableOf(
      '按人员',
      [{ title: '办理人', width: 14 }, ...columns],
      [...clerks.map((one) => [one.name, ...cellsOf(one)]), ['合计', ...cellsOf(total)]],
    );
  },
});

const columns: Column[] = [
  { title: '提问数', width: 10 },
  { title: '已答复', width: 10 },
  { title: '首次答复中位数（工作分钟）', width: 24 },
  { title: '首次答复九成以内（工作分钟）', width: 26 },
  { title: '已办结', width: 10 },
  { title: '办结中位数（工作分钟）', width: 22 },
  { title: '办结九成以内（工作分钟）', width: 24 },
  { title: '按时率', width: 10, kind: 'percent' },
  { title: '解决率', width: 10, kind: 'percent' },
  { title: '满意率', width: 10, kind: 'percent' },
];

const cellsOf = (one: Figures): Cell[] => [
  one.volume,
  one.replied,
  one.firstReplyMedian,
  one.firstReplyP90,
  one.resolved,
  one.resolveMedian,
  one.resolveP90,
  one.onTime,
  one.solved,
  one.satisfied,
];

const pageSize = 500;

async function questionList(department: Department, period: Period, { db, clock }: ServiceDeps): Promise<Table> {
  const range = [`${department.path}%`, ...bounds(period)];
  const [row] = await db.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM organisations o JOIN questions q ON q.organisation_id = o.id
      WHERE o.path LIKE $1 AND q.asked_at >= $2 AND q.asked_at < $3`,
    range,
  );
  const now = clock.now();
  async function* rows(): AsyncGenerator<Cell[]> {
    const departments = await db.query<{ id: number }>(
      'SELECT id FROM organisations WHERE path LIKE $1 ORDER BY path',
      [range[0]],
    );
    for (const { id } of departments) {
      let after: [Date, string] = [bounds(period)[0], '0'];
      for (let read = pageSize; read === pageSize; ) {
        const page: Listed[] = await db.query<Listed>(listSql, [id, ...after, range[2], pageSize]);
        for (const one of page) yield toRow(one, now);
        const last = page.at(-1);
        if (last) after = [last.asked_at, last.id];
        read = page.length;
      }
    }
  }
  return { sheet: '提问', columns: listColumns, total: row!.total, rows: rows() };
}

type Listed = QuestionRow & {
  answer: string | null;
  first_reply_minutes: number | null;
  resolve_minutes: number | null;
};

/** The next page along the index of one department. */
const listSql = `
  SELECT listed.*, m.first_reply_minutes, m.resolve_minutes,
         (SELECT text FROM question_messages a WHERE a.question_id = m.id AND a.kind = 'answer' ORDER BY a.id DESC LIMIT 1) AS answer
    FROM (${selectQuestions} WHERE q.id IN (
            SELECT id FROM questions
             WHERE organisation_id = $1 AND (asked_at, id) > ($2::timestamptz, $3::bigint) AND asked_at < $4
             ORDER BY asked_at, id LIMIT $5)) listed
    JOIN questions m ON m.id = listed.id::bigint
   ORDER BY listed.asked_at, m.id`;

const listColumns: Column[] = [
  { title: '编号', width: 14 },
  { title: '提问时间', width: 17, kind: 'time' },
  { title: '市民', width: 16 },
  { title: '部门', width: 18 },
  { title: '办理人', width: 12 },
  { title: '状态', width: 10 },
  { title: '难易', width: 8 },
  { title: '提问（个人信息已打码）', width: 50 },
  { title: '最近的答复（个人信息已打码）', width: 50 },
  { title: '首次答复', width: 17, kind: 'time' },
  { title: '首次答复用时（工作分钟）', width: 24 },
  { title: '办结', width: 17, kind: 'time' },
  { title: '办结用时（工作分钟）', width: 20 },
  { title: '办理期限', width: 17, kind: 'time' },
  { title: '超期', width: 8 },
  { title: '解决了吗', width: 10 },
  { title: '满意吗', width: 12 },
  { title: '重新打开', width: 10 },
  { title: '退单次数', width: 10 },
];

const statuses = { open: '处理中', answered: '已办结', closed: '已结束' };
const yesNo = (value: boolean) => (value ? '是' : '否');

function toRow(one: Listed, now: Date): Cell[] {
  const late =
    one.due_at !== null &&
    (one.answered_at ?? (one.status === 'open' && !one.paused_at ? now : one.due_at)) > one.due_at;
  return [
    one.number,
    one.asked_at,
    citizenName(one.openid),
    one.organisation_title,
    one.assignee_name,
    statuses[one.status],
    gradeTitles[one.grade],
    one.text,
    one.answer,
    one.first_replied_at,
    one.first_reply_minutes,
    one.answered_at,
    one.resolve_minutes,
    one.due_at,
    yesNo(late),
    one.solved === null ? null : yesNo(one.solved),
    one.satisfied === null ? null : levels[one.satisfied - 1]!,
    yesNo(one.reopened),
    one.bounced,
  ];
}
