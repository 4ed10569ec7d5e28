import type { Acting } from './change';
import { addImages, staffOwner } from './images';

type Sent = { messageId: string; images: readonly string[]; dedupeKey: string; follow: boolean };

/** Pictures of an answer: kept with it, and sent behind it where there is room; no notice carries a picture. @throws UserError 422 for one that the caller has not uploaded */
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
