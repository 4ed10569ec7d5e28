import { openWindow, type Session } from '../../delivery/windows';
import type { Acting } from './change';
import { addImages, staffOwner } from './images';

/**
 * Whether pictures can follow the answer as messages of their own: no notice carries a picture, and one that arrives days later
 * would stand alone. Where they cannot, the answer says that they are on its page.
 */
export async function canFollow(
  { tx, question, at }: Acting,
  { images, before }: { images: number /** messages that leave for this answer before them */; before: number },
): Promise<boolean> {
  if (images === 0) return false;
  const { account_id, openid } = question;
  const [session] = await tx.query<Session & { ahead: number }>(
    `SELECT message_until, message_left, tap_until, tap_left,
            (SELECT count(*)::int FROM deliveries d
              WHERE d.account_id = s.account_id AND d.openid = s.openid AND d.status IN ('queued', 'sending')) AS ahead
       FROM sessions s WHERE account_id = $1 AND openid = $2`,
    [account_id, openid],
  );
  const open = openWindow(session, at);
  return open !== undefined && session![`${open.window}_left`] >= session!.ahead + before + images;
}

type Sent = { messageId: string; images: readonly string[]; dedupeKey: string; follow: boolean };

/** Pictures of an answer: kept with it, and sent behind it. @throws UserError 422 for one that the caller has not uploaded */
export async function addAnswerImages(acting: Acting, { messageId, images, dedupeKey, follow }: Sent): Promise<void> {
  const { tx, deps, question, caller, at } = acting;
  const pictures = images.map((fileId) => ({ fileId }));
  await addImages(tx, { questionId: question.id, messageId, at }, { pictures, owner: staffOwner(caller) }, deps);
  if (!follow) return;
  for (const [place, fileId] of images.entries())
    await deps.delivery.enqueue(tx, {
      accountId: question.account_id,
      openid: question.openid,
      source: `staff:${caller.username}`,
      message: { type: 'image', fileId },
      dedupeKey: `${dedupeKey}:image-${place + 1}`,
    });
}
