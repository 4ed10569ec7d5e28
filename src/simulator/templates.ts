import type { Simulator } from './types';

export type Template = { template_id: string; kind: 'template' | 'once' | 'long-term'; title: string; content: string };

/** What the demo account's owner has picked from the platform's library. */
const picked: Template[] = [
  {
    template_id: 'demo-template-progress',
    kind: 'template',
    title: '办理进度通知',
    content: '办理事项:{{thing1.DATA}}\n当前状态:{{phrase2.DATA}}\n更新时间:{{time3.DATA}}',
  },
  {
    template_id: 'demo-template-appointment',
    kind: 'template',
    title: '预约结果通知',
    content:
      '预约事项:{{thing1.DATA}}\n预约时间:{{time2.DATA}}\n办理地点:{{thing3.DATA}}\n预约编号:{{character_string4.DATA}}',
  },
  {
    template_id: 'demo-notice-progress',
    kind: 'long-term',
    title: '办理进度提醒',
    content: '办理事项:{{thing1.DATA}}\n当前状态:{{phrase2.DATA}}\n更新时间:{{time3.DATA}}',
  },
  {
    template_id: 'demo-notice-answer',
    kind: 'long-term',
    title: '留言回复提醒',
    content: '留言内容:{{thing1.DATA}}\n答复部门:{{thing2.DATA}}\n答复时间:{{time3.DATA}}',
  },
  {
    template_id: 'demo-notice-appointment',
    kind: 'long-term',
    title: '预约提醒',
    content:
      '预约事项:{{thing1.DATA}}\n预约时间:{{time2.DATA}}\n办理地点:{{thing3.DATA}}\n预约编号:{{character_string4.DATA}}',
  },
  {
    template_id: 'demo-notice-once',
    kind: 'once',
    title: '结果领取提醒',
    content: '领取事项:{{thing1.DATA}}\n领取地点:{{thing2.DATA}}',
  },
];

export async function listTemplates({ db }: Simulator, account: string): Promise<Template[]> {
  const added = await db.query<Template>(
    'SELECT template_id, kind, title, content FROM simulator.templates WHERE account = $1 ORDER BY template_id',
    [account],
  );
  const ids = new Set(added.map(({ template_id }) => template_id));
  return [...picked.filter(({ template_id }) => !ids.has(template_id)), ...added];
}

export async function findTemplate(sim: Simulator, account: string, id: string): Promise<Template | undefined> {
  return (await listTemplates(sim, account)).find(({ template_id }) => template_id === id);
}

export async function addTemplate({ db }: Simulator, account: string, template: Template): Promise<void> {
  await db.query(
    `INSERT INTO simulator.templates (account, template_id, kind, title, content) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (account, template_id) DO UPDATE SET kind = excluded.kind, title = excluded.title, content = excluded.content`,
    [account, template.template_id, template.kind, template.title, template.content],
  );
}

/** The names of a template's fields: `thing1`, `time2`, … */
export function fieldsOf({ content }: Template): string[] {
  return [...content.matchAll(/\{\{\s*([A-Za-z_]+\d*)\.DATA\s*\}\}/g)].map(([, name]) => name!);
}

/**
 * The number of a send, and whether it is new. With a `client_msg_id` a repeat within ten minutes gets the number of the first and
 * sends nothing.
 */
export async function numberSend(sim: Simulator, account: string, openid: string, clientMsgId?: string) {
  const { db, clock } = sim;
  if (!clientMsgId) {
    const [row] = await db.query<{ id: string }>(`SELECT nextval('simulator.sent_ids') AS id`);
    return { msgId: BigInt(row!.id), fresh: true };
  }
  const now = clock.now();
  const [made] = await db.query<{ msg_id: string }>(
    `INSERT INTO simulator.client_messages AS c (account, openid, client_msg_id, msg_id, at)
     VALUES ($1, $2, $3, nextval('simulator.sent_ids'), $4)
     ON CONFLICT (account, openid, client_msg_id) DO UPDATE SET msg_id = excluded.msg_id, at = excluded.at WHERE c.at <= $5
     RETURNING msg_id`,
    [account, openid, clientMsgId, now, new Date(now.getTime() - 10 * 60_000)],
  );
  if (made) return { msgId: BigInt(made.msg_id), fresh: true };
  const [first] = await db.query<{ msg_id: string }>(
    'SELECT msg_id FROM simulator.client_messages WHERE account = $1 AND openid = $2 AND client_msg_id = $3',
    [account, openid, clientMsgId],
  );
  return { msgId: BigInt(first!.msg_id), fresh: false };
}
