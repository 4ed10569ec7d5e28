import type { PersonalData, Row } from '../../dialogue/privacy/personal-data';
import type { Citizen } from '../../people/citizen';
import { shanghai } from '../../platform/clock';
import type { Tx } from '../../platform/database';
import { questionsOf } from './citizen';
import { stopClock } from './clocks';
import { addMessage } from './messages';
import { lockQuestion } from './tables';
import { tell } from './tell';
import { opened } from './wording';

const erased = '（已按本人申请删除）';

type Said = { question_id: string; at: Date; kind: 'citizen' | 'answer'; text: string; text_sealed: string | null };

/** A citizen's questions: their copy, and what becomes of them when the citizen goes. */
export const personal: PersonalData = {
  title: '提问',
  async copy(citizen, most, { db, encryption }) {
    const rows = await questionsOf(db, citizen, { limit: most });
    const said = await db.query<Said>(
      `SELECT question_id::text, at, kind, text, text_sealed FROM question_messages
        WHERE question_id = ANY ($1::bigint[]) AND kind IN ('citizen','answer') ORDER BY id`,
      [rows.map(({ id }) => id)],
    );
    return rows.map(
      (one): Row => ({
        编号: one.number,
        时间: shanghai(one.asked_at),
        部门: one.organisation_title ?? '',
        地点: one.place ?? '',
        提问: opened(one, encryption),
        往来: said
          .filter(({ question_id }) => question_id === one.id)
          .map((line) => `${shanghai(line.at)} ${line.kind === 'answer' ? '部门' : '您'}：${opened(line, encryption)}`)
          .join('\n'),
      }),
    );
  },

  async close(tx, citizen, deps) {
    const open = await tx.query<{ id: string }>(
      `SELECT q.id::text FROM questions q WHERE account_id = $1 AND openid = $2 AND status <> 'closed' ORDER BY q.id`,
      [citizen.accountId, citizen.openid],
    );
    const at = deps.clock.now();
    for (const { id } of open) {
      const question = (await lockQuestion(tx, id))!;
      await tx.query(
        `UPDATE questions SET status = 'closed', closed_at = $2, waiting_since = NULL, unread = 0, snoozed_until = NULL,
                version = version + 1 WHERE id = $1`,
        [id, at],
      );
      await stopClock(tx, id, deps);
      await addMessage(tx, { questionId: id, at, kind: 'event', text: '市民申请删除个人信息，提问结束。' }, deps);
      await tell(tx, deps, { ...question, version: question.version + 1 }, 'closed');
    }
    return open.length;
  },

  async erase(tx, citizen, alias) {
    const images = await eraseImages(tx, citizen);
    const rows = await tx.query<{ id: string }>(
      `WITH u AS (
         UPDATE questions SET openid = $3, text = $4, text_sealed = NULL, place = NULL, latitude = NULL, longitude = NULL,
                publishable = false, images = 0, search = '', version = version + 1
          WHERE account_id = $1 AND openid = $2 RETURNING id)
       SELECT id::text FROM u`,
      [citizen.accountId, citizen.openid, alias, erased],
    );
    const ids = rows.map(({ id }) => id);
    // An answer stays as it is masked: it is the department's work.
    await tx.query(
      `UPDATE question_messages SET text_sealed = NULL, text = CASE WHEN kind = 'citizen' THEN $2 ELSE text END
        WHERE question_id = ANY ($1::bigint[])`,
      [ids, erased],
    );
    await tx.query('DELETE FROM question_drafts WHERE question_id = ANY ($1::bigint[])', [ids]);
    return [
      {
        title: '提问的内容、地点、微信号',
        erased: ids.length,
        kept: ids.length,
        ...(ids.length > 0 && { why: '编号、部门、时间和部门的答复已与您脱离，作为办件台账保存' }),
      },
      { title: '提问的图片', erased: images, kept: 0 },
    ];
  },

  /** Pictures that are still only with WeChat are fetched no more. */
  async forget(tx, { accountId, openid }) {
    const gone = await tx.query(
      `WITH u AS (
         UPDATE question_images i SET media_id = NULL, pic_url = NULL, next_at = NULL,
                lost = CASE WHEN file_id IS NULL THEN '市民已取消关注或撤回授权，不再取图片' ELSE lost END
           FROM questions q WHERE q.id = i.question_id AND q.account_id = $1 AND q.openid = $2
            AND (i.media_id IS NOT NULL OR i.pic_url IS NOT NULL) RETURNING i.id)
       SELECT id FROM u`,
      [accountId, openid],
    );
    return [{ title: '提问图片在微信的编号和地址', erased: gone.length, kept: 0 }];
  },
};

async function eraseImages(tx: Tx, { accountId, openid }: Citizen): Promise<number> {
  const gone = await tx.query<{ file_id: string | null }>(
    `WITH d AS (
       DELETE FROM question_images i USING questions q, question_messages m
        WHERE q.id = i.question_id AND m.id = i.message_id AND m.kind = 'citizen' AND q.account_id = $1 AND q.openid = $2
        RETURNING i.file_id)
     SELECT file_id FROM d`,
    [accountId, openid],
  );
  const files = gone.flatMap(({ file_id }) => file_id ?? []);
  await tx.query(
    `DELETE FROM files f WHERE f.id = ANY ($1) AND NOT EXISTS (SELECT 1 FROM question_images i WHERE i.file_id = f.id)`,
    [files],
  );
  return gone.length;
}
