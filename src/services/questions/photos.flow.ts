import type { Hit, Media } from '../../dialogue/contributions';
import { flow } from '../../dialogue/flow';
import { photo, place } from '../../dialogue/questions';
import { refusalWords } from '../../dialogue/refusal';
import type { ServiceContext, WritingContext } from '../../dialogue/service';
import { latestOf, type More, supplement } from './citizen';
import type { QuestionRow } from './tables';

/** Photos and places that come by themselves belong to the question that is open. */
export async function media(said: Media, { deps, account, openid }: ServiceContext): Promise<Hit[]> {
  const open = await latestOf(deps.db, { accountId: account.id, openid }, ['open']);
  if (!open) return [];
  const label = `补充到我的提问 ${open.number}`;
  return said.kind === 'image'
    ? [
        {
          label,
          key: 'questions.photo',
          answers: { photo: { picUrl: said.picUrl, mediaId: said.mediaId } },
          score: 0.5,
        },
      ]
    : [{ label, key: 'questions.place', answers: { place: placeOf(said) }, score: 0.5 }];
}

export const photoFlow = flow('questions.photo', '补充照片')
  .ask('photo', '请发要补充的照片：', photo)
  .done((a, ctx) =>
    add({ pictures: [a.photo] }, ctx, async ({ id, number }) => {
      const [last] = await ctx.tx.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM question_images WHERE message_id = (
           SELECT max(message_id) FROM question_images WHERE question_id = $1)`,
        [id],
      );
      return ctx.deps.texts.say('questions.photo-added', { number, count: last!.count }, ctx.account.id);
    }),
  );

export const placeFlow = flow('questions.place', '补充位置')
  .ask('place', '请点 ＋ 发送位置：', place)
  .done((a, ctx) =>
    add({ place: a.place }, ctx, async ({ number }) =>
      ctx.deps.texts.say('questions.place-added', { number, label: a.place.label }, ctx.account.id),
    ),
  );

async function add(
  more: Pick<More, 'pictures' | 'place'>,
  { tx, deps, account, openid, at }: WritingContext,
  tell: (question: QuestionRow) => Promise<string>,
): Promise<string> {
  const latest = await latestOf(tx, { accountId: account.id, openid }, ['open', 'answered']);
  if (!latest) return deps.texts.say('questions.none-open', {}, account.id);
  try {
    return await tell(await supplement(tx, { id: latest.id, text: '', ...more, at }, deps));
  } catch (error) {
    // It has refused before it changed anything.
    return refusalWords(error);
  }
}

const placeOf = ({ latitude, longitude, label }: Extract<Media, { kind: 'location' }>) => ({
  latitude,
  longitude,
  label,
});
