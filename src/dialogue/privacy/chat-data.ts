import type { Citizen } from '../../people/citizen';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { openRecord, type StoredMessage } from '../inbox/record';
import type { Reply } from '../message';
import type { PersonalData } from './personal-data';
import type { Part } from './requests';

type Line = {
  sent_at: Date;
  message: StoredMessage;
  reply: Reply | null;
  sealed: string | null;
};

/** What was said in the chat. That something came in, and when, is the network log the law has us keep; what it said is not. */
export const chatData: PersonalData = {
  title: '与公众号的往来',
  async copy({ accountId, openid }, most, { db, encryption }) {
    const lines = await db.query<Line>(
      `SELECT sent_at, message, reply, sealed FROM inbox WHERE account_id = $1 AND openid = $2
        ORDER BY sent_at DESC, dedupe DESC LIMIT $3`,
      [accountId, openid, most],
    );
    return lines.map((line) => {
      const { message, reply } = openRecord(line, encryption);
      return { 时间: shanghai(line.sent_at), 您: said(message), 公众号: answered(reply) };
    });
  },
  async erase(tx, citizen, _alias, deps) {
    const parts = await eraseChat(tx, citizen);
    await tx.query('DELETE FROM files WHERE owner = $1 AND NOT kept', [
      `citizen:${citizen.accountId}:${citizen.openid}`,
    ]);
    deps.log.debug({ account: citizen.accountId }, "a citizen's chat is erased");
    return parts;
  },
  forget: eraseChat,
};

async function eraseChat(tx: Tx, { accountId, openid }: Citizen): Promise<Part[]> {
  const lines = await tx.query(
    `WITH u AS (
       UPDATE inbox SET reply = NULL, sealed = NULL,
              message = CASE WHEN kind LIKE 'event:%' THEN '{"type":"event","event":"unknown","name":"已删除","fields":{}}'::json
                             ELSE '{"type":"unknown","msgType":"已删除","fields":{}}'::json END
        WHERE account_id = $1 AND openid = $2 AND message::text NOT LIKE '%已删除","fields":{}}'
        RETURNING 1 AS one)
     SELECT one FROM u`,
    [accountId, openid],
  );
  return [
    {
      title: '往来的内容、图片编号、位置',
      erased: lines.length,
      kept: lines.length,
      ...(lines.length > 0 && { why: '只留何时有过联系的网络日志（至少 6 个月），随收件箱的保存期限删除' }),
    },
  ];
}

function said(message: StoredMessage): string {
  if (message.type === 'text') return String(message.content);
  if (message.type === 'voice') return `[语音] ${String(message.recognition ?? '')}`.trim();
  if (message.type === 'location') return `[位置] ${String(message.label ?? '')}`.trim();
  if (message.type === 'event') return `[${eventNames[String(message.event)] ?? '操作'}]`;
  return `[${messageNames[message.type] ?? '消息'}]`;
}

const messageNames: Record<string, string> = { image: '图片', video: '视频', shortvideo: '视频', link: '链接' };
const eventNames: Record<string, string> = {
  subscribe: '关注',
  unsubscribe: '取消关注',
  click: '点菜单',
  scan: '扫码',
  view: '打开网页',
};

const answered = (reply: Reply | null): string =>
  reply === null || reply.type === 'none' ? '' : reply.type === 'text' ? reply.content : `[${reply.type}]`;
