import type { ChatPicture, ServiceDeps } from '../../dialogue/service';
import type { Queryable, Tx } from '../../platform/database';
import { UserError } from '../../platform/errors';
import type { FileAnswer } from '../../platform/http/file-answer';
import { addJob } from '../../platform/jobs';
import { limitsOf } from './limits';

/** A picture for a message: one that was brought to a page, or one that came in the chat and has still to be fetched. */
export type Picture = { fileId: string } | ChatPicture;

/** In one message of a citizen's, and in one answer. */
export const mostPhotos = 6;
export const mostAnswerImages = 3;

export const fetchJob = 'questions.image';

/** Whose a picture is before it belongs to a message: nobody else can use it in one of theirs. */
export const citizenOwner = ({ accountId, openid }: { accountId: number; openid: string }) =>
  `citizen:${accountId}:${openid}`;
export const staffOwner = ({ id }: { id: number }) => `staff:${id}`;

type Where = { questionId: string; messageId: string; at: Date };

/** Puts pictures into a message, in the order given. What came in the chat is fetched when this has committed. @throws UserError 409, 422 */
export async function addImages(
  tx: Tx,
  { questionId, messageId, at }: Where,
  { pictures, owner }: { pictures: readonly Picture[]; owner: string },
  deps: Pick<ServiceDeps, 'files' | 'settings'>,
): Promise<void> {
  if (pictures.length === 0) return;
  await mustHaveRoom(tx, questionId, pictures.length, deps);
  const brought = pictures.flatMap((one) => ('fileId' in one ? [one.fileId] : []));
  await deps.files.keep(tx, [...new Set(brought)], owner);
  for (const picture of pictures) {
    const [file, mediaId, picUrl] =
      'fileId' in picture ? [picture.fileId, null, null] : [null, picture.mediaId, picture.picUrl];
    const [{ id } = { id: '' }] = await tx.query<{ id: string }>(
      `INSERT INTO question_images (question_id, message_id, file_id, media_id, pic_url, next_at)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id::text`,
      [questionId, messageId, file, mediaId, picUrl, file ? null : at],
    );
    if (!file) await addJob(tx, fetchJob, { id });
  }
  await tx.query('UPDATE questions SET images = images + $2 WHERE id = $1', [questionId, pictures.length]);
}

/** @throws UserError 409 when the question has as many as it may */
export async function mustHaveRoom(
  on: Queryable,
  questionId: string,
  more: number,
  { settings }: Pick<ServiceDeps, 'settings'>,
): Promise<void> {
  const most = limitsOf(settings).images;
  const [row] = await on.query<{ number: string; images: number }>(
    'SELECT number, images FROM questions WHERE id = $1',
    [questionId],
  );
  if (row && row.images + more > most)
    throw new UserError(409, 'too-many-images', `提问 ${row.number} 最多 ${most} 张图片，已经有 ${row.images} 张了`);
}

/** The pictures of a message: those that can be seen, and how many cannot yet or any more. */
export type Shown = { images: string[]; awaited: number; lost: number };

/** Of all messages of a question, by message; `address` makes of a picture's id where the page finds it. */
export async function imagesOf(
  on: Queryable,
  questionId: string,
  address: (id: string) => string,
): Promise<(messageId: string) => Shown> {
  const rows = await on.query<{ message_id: string; file_id: string | null; lost: boolean }>(
    `SELECT message_id::text, file_id, lost IS NOT NULL AS lost FROM question_images WHERE question_id = $1 ORDER BY id`,
    [questionId],
  );
  const byMessage = new Map<string, Shown>();
  for (const { message_id, file_id, lost } of rows) {
    const shown = byMessage.get(message_id) ?? { images: [], awaited: 0, lost: 0 };
    if (file_id) shown.images.push(address(file_id));
    else if (lost) shown.lost += 1;
    else shown.awaited += 1;
    byMessage.set(message_id, shown);
  }
  return (messageId) => byMessage.get(messageId) ?? { images: [], awaited: 0, lost: 0 };
}

/** One picture of a question; whether the question may be seen is the caller's to know. */
export async function imageOf(
  questionId: string,
  fileId: string,
  size: 'whole' | 'small',
  { db, files }: ServiceDeps,
): Promise<FileAnswer | undefined> {
  const [found] = await db.query('SELECT 1 FROM question_images WHERE question_id = $1 AND file_id = $2', [
    questionId,
    fileId,
  ]);
  return found && files.answer(fileId, size);
}

/** A question that is merged into another takes its pictures along, to the message that tells of it. */
export async function copyImages(tx: Tx, from: string, to: { questionId: string; messageId: string }): Promise<void> {
  const copied = await tx.query(
    `INSERT INTO question_images (question_id, message_id, file_id)
     SELECT $2, $3, file_id FROM question_images WHERE question_id = $1 AND file_id IS NOT NULL ORDER BY id RETURNING id`,
    [from, to.questionId, to.messageId],
  );
  await tx.query('UPDATE questions SET images = images + $2 WHERE id = $1', [to.questionId, copied.length]);
}
