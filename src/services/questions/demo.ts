import type { ServiceDeps } from '../../dialogue/service';
import { ask } from './ask';

/** Openly made up, like the city they are for. */
const canned = [
  [
    'hospital-first-desk',
    '门诊时间',
    '{{citizenName}}您好：门诊时间为周一至周日 8:00-12:00、14:00-17:30，法定节假日照常接诊急诊。（示例）',
  ],
  [
    'hospital-first-desk',
    '退号',
    '{{citizenName}}您好：就诊前一天 24:00 前可以在线退号，当天退号请到门诊一楼服务台。（示例）',
  ],
  [
    'police-household',
    '补领身份证',
    '{{citizenName}}您好：身份证丢失，请带户口簿到任一户籍窗口补领，工本费 40 元，20 个工作日内领证。（示例）',
  ],
  [
    'police-household',
    '请补充材料',
    '{{citizenName}}您好：您的提问 {{number}} 还需要补充具体时间和地点，请直接回复。{{organisation}}（示例）',
  ],
] as const;

const rules = [
  ['户口', 'police-household'],
  ['身份证', 'police-household'],
  ['挂号', 'hospital-first-desk'],
  ['病历', 'hospital-first-desk'],
] as const;

const questions = [
  ['hospital-first-desk', '（示例）上周在门诊拍的片子，检查报告在哪里可以打印？需要带就诊卡吗？'],
  ['hospital-first-desk', '（示例）预约了明天上午的号，临时去不了，怎么退号？'],
  ['police-household', '（示例）身份证丢了，人在外地，能在外地补领吗？要等多久？'],
  ['police-household', '（示例）孩子出生三个月了还没落户，需要准备什么材料？'],
  [null, '（示例）小区门口的路灯坏了两周，不知道该找哪个部门。'],
] as const;

/** What reaches a citizen whose window is closed: the templates that the simulated account has. */
const progress = {
  template: {
    templateId: 'demo-template-progress',
    fields: { thing1: '提问编号', phrase2: '状态', time3: '时间' },
  },
};
const noticeTemplates = {
  'questions.answer': progress,
  'questions.resolved': progress,
  'questions.extended': progress,
};

/** Loaded once, so that what a visitor has removed stays removed. */
export async function loadDemo(deps: ServiceDeps): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [first] = await tx.query(
      `INSERT INTO settings (key, value, updated_at) VALUES ('questions.demo-loaded', 'true', $1)
       ON CONFLICT DO NOTHING RETURNING key`,
      [deps.clock.now()],
    );
    if (!first) return;
    const rows = await tx.query<{ key: string; id: number }>('SELECT key, id FROM organisations');
    const ids = new Map(rows.map(({ key, id }) => [key, id]));
    const [account] = await tx.query<{ id: number }>('SELECT id FROM accounts ORDER BY id LIMIT 1');
    // What the operator has chosen goes before it.
    await tx.query(
      `UPDATE accounts SET settings = settings || jsonb_build_object('noticeTemplates', $2::jsonb
              || coalesce(settings->'noticeTemplates', '{}')) WHERE id = $1`,
      [account!.id, JSON.stringify(noticeTemplates)],
    );
    await deps.events.publish('accounts', null, tx);
    for (const [organisation, title, body] of canned)
      await tx.query(
        'INSERT INTO question_canned (organisation_id, title, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [ids.get(organisation), title, body],
      );
    for (const [position, [word, organisation]] of rules.entries())
      await tx.query('INSERT INTO question_rules (word, organisation_id, position) VALUES ($1, $2, $3)', [
        word,
        ids.get(organisation),
        (position + 1) * 10,
      ]);
    for (const [place, [organisation, text]] of questions.entries())
      await ask(
        tx,
        {
          accountId: account!.id,
          // Nobody follows under this name: answers to it show how a delivery fails, too.
          openid: `o-demo-citizen-${String(place + 1).padStart(8, '0')}`,
          organisationId: organisation === null ? null : ids.get(organisation)!,
          text,
          publishable: false,
          at: deps.clock.now(),
        },
        deps,
      );
  });
}
