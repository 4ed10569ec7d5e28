import { answersTo } from '../../dialogue/contributions';
import { flow } from '../../dialogue/flow';
import { choice, type Enclosed, enclosures, words } from '../../dialogue/questions';
import type { ServiceContext } from '../../dialogue/service';
import { ask, leftToday, tooMany } from './ask';
import { latestOf, supplement } from './citizen';
import { departmentsBelow } from './departments';
import { mostPhotos } from './images';
import { excerpt, labelOf, punctuated } from './wording';

/** What a citizen may leave open; a rule or the dispatcher decides then. */
const unsure = '0';
const mostOffered = 14;
const publishing = ['不公开', '同意公开'];

export const askFlow = flow('questions.ask', '我要提问')
  .given('about')
  .ask('department', '想问哪个部门？不清楚就选最后一项：', choice(departments))
  .ask(
    'text',
    '请用一段话写清楚您的问题：什么事、什么时候、在哪里。最多 500 字，不用写身份证号和电话。',
    words({ min: 5, max: 500, personal: true }),
  )
  .ask(
    'enclosed',
    '可以发照片（最多 6 张）和位置，让部门看得更清楚。发完回复 1 继续；没有就直接回复 1。',
    enclosures({ photos: mostPhotos }),
  )
  .ask(
    'publish',
    '同意把问题和答复公开，帮助有同样问题的人吗？不会公开您是谁。',
    choice(() => publishing),
  )
  .confirm(async (a, ctx) => {
    const [title, known] = await Promise.all([titleOf(a.department, ctx), alreadyKnown(a.text, ctx)]);
    const question = `问：${wholeText(a)}\n部门：${title}\n${tellEnclosed(a.enclosed)}${a.publish}\n`;
    return `${question}${known}回复 1 提交，回复 0 取消。`;
  })
  .done(async (a, ctx) => {
    const { tx, deps, account, openid, at } = ctx;
    const mine = { accountId: account.id, openid };
    if ((await leftToday(tx, { ...mine, at }, deps)) === 0) return tooMany(deps);
    const chosen = a.department === unsure ? null : Number(a.department);
    const asked = await ask(
      tx,
      {
        ...mine,
        organisationId: chosen,
        text: wholeText(a),
        publishable: a.publish === publishing[1],
        pictures: a.enclosed.photos,
        place: a.enclosed.place,
        at,
      },
      deps,
    );
    return deps.texts.say(
      'questions.asked',
      { number: asked.number, department: asked.organisation_title ?? '' },
      account.id,
    );
  });

/** What it is about goes before it, where another service said so. */
const wholeText = ({ about, text }: { about?: string; text: string }) =>
  about ? `${about}\n${punctuated(text)}` : punctuated(text);

function tellEnclosed({ photos, place }: Enclosed): string {
  const parts = [photos.length > 0 ? `照片 ${photos.length} 张` : '', place ? `位置：${labelOf(place)}` : ''];
  return parts
    .filter(Boolean)
    .map((part) => `${part}\n`)
    .join('');
}

/** More about the question that is open, or was answered last. */
export const supplementFlow = flow('questions.add', '补充提问')
  .ask('text', '请写要补充的内容，最多 500 字：', words({ max: 500, personal: true }))
  .done(async (a, { tx, deps, account, openid, at }) => {
    const latest = await latestOf(tx, { accountId: account.id, openid }, ['open', 'answered']);
    if (!latest) return deps.texts.say('questions.none-open', {}, account.id);
    const { number } = await supplement(tx, { id: latest.id, text: punctuated(a.text), at }, deps);
    return deps.texts.say('questions.added', { number, text: excerpt(punctuated(a.text), 20) }, account.id);
  });

/** What needs nobody to answer it. */
async function alreadyKnown(text: string, ctx: ServiceContext): Promise<string> {
  const hits = await answersTo(text, ctx);
  const others = hits.filter(({ key }) => !key.startsWith('questions.')).slice(0, 3);
  if (others.length === 0) return '';
  const lines = others.map(({ label }) => `· ${label}`).join('\n');
  return `\n也许不用等，这些现在就能查（先回复 0，再把名称发给我）：\n${lines}\n\n`;
}

async function departments(_answers: unknown, ctx: ServiceContext) {
  const all = await departmentsBelow(ctx.deps.db, ctx.account.organisationId, mostOffered);
  return [...all.map(({ id, title }) => ({ value: String(id), label: title })), { value: unsure, label: '不清楚' }];
}

async function titleOf(department: string, ctx: ServiceContext): Promise<string> {
  const offered = await departments(undefined, ctx);
  return offered.find(({ value }) => value === department)?.label ?? '不清楚';
}
