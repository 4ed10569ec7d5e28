import { mobileIn } from '../people/identity/entered';
import { visibleLength } from '../platform/visible';
import type { Cut, Offered, Option, Question } from './flow';
import type { Said } from './said';
import type { ServiceContext } from './service';

/** One of a list. A citizen answers with its number, its label or an unmistakable part of it. */
export function choice<Answers>(
  offer: (answers: Answers, ctx: ServiceContext) => Offered | Cut | Promise<Offered | Cut>,
): Question<Answers, string> {
  return {
    offer,
    read: (said, offered) => {
      const picked = said.kind === 'text' ? pick(said.text, offered) : undefined;
      return picked ? { value: picked.value } : { expected: `请回复 1 到 ${offered.length} 之间的序号` };
    },
  };
}

/** The option meant by 「2」, 「２」, 「第2个」, 「二」, its label, or a part that only one label has. */
export function pick<T extends { label: string }>(text: string, offered: readonly T[]): T | undefined {
  const number = numberSaid(text);
  if (number !== undefined) return offered[number - 1];
  const exact = offered.find(({ label }) => label === text);
  if (exact || text.length < 2) return exact;
  const containing = offered.filter(({ label }) => label.includes(text));
  return containing.length === 1 ? containing[0] : undefined;
}

const chinese = '一二三四五六七八九';
function numberSaid(text: string): number | undefined {
  const said = /^(?:第|选)?\s*(\d{1,3}|[一二三四五六七八九十])\s*[个项条号、.。)]?$/u.exec(text)?.[1];
  if (said === undefined) return undefined;
  if (said === '十') return 10;
  return chinese.includes(said) ? chinese.indexOf(said) + 1 : Number(said);
}

/** A mainland mobile number, blanks and +86 forgiven. */
export const mobile: Question<unknown, string> = {
  personal: true,
  read: (said) => {
    const digits = mobileIn(textOf(said));
    return digits ? { value: digits } : { expected: '请输入 11 位手机号，例如 13800000000' };
  },
};

/** Free text of at least `min` characters that can be seen, and at most `max`. */
export const words = ({
  min = 1,
  max,
  personal,
}: {
  min?: number;
  max: number;
  personal?: boolean;
}): Question<unknown, string> => ({
  personal,
  read: (said) => {
    const text = textOf(said);
    return visibleLength(text) >= min && [...text].length <= max
      ? { value: text }
      : { expected: `请用文字回复，${min} 到 ${max} 个字` };
  },
});

/** A picture; the value is what WeChat knows it by. */
export const photo: Question<unknown, { picUrl: string; mediaId: string }> = {
  read: (said) =>
    said.kind === 'image' ? { value: { picUrl: said.picUrl, mediaId: said.mediaId } } : { expected: '请发一张图片' },
};

/** A place, sent by the phone's + 位置. */
export const place: Question<unknown, Place> = {
  read: (said) =>
    said.kind === 'location'
      ? { value: { latitude: said.latitude, longitude: said.longitude, label: said.label } }
      : { expected: '请点 ＋ 发送一个位置' },
};

export type Place = { latitude: number; longitude: number; label: string };
export type Enclosed = { photos: { picUrl: string; mediaId: string }[]; place?: Place };

/** Photos and a place, one message after another, until the citizen says that this is all; nothing is all, too. */
export const enclosures = ({ photos: most }: { photos: number }): Question<unknown, Enclosed> => ({
  read: (said, _offered, before = { photos: [] }) => {
    const { photos } = before;
    if (said.kind === 'image' && photos.length >= most) return enclosed(before, most, true);
    if (said.kind === 'image')
      return enclosed({ ...before, photos: [...photos, { picUrl: said.picUrl, mediaId: said.mediaId }] }, most);
    if (said.kind === 'location') {
      const { latitude, longitude, label } = said;
      return enclosed({ ...before, place: { latitude, longitude, label } }, most);
    }
    if (allSaid.test(textOf(said))) return { value: before };
    return { expected: '请发照片或位置；发完了，或没有要发的，回复 1 继续' };
  },
});

const enclosed = (value: Enclosed, most: number, over = false) => ({
  value,
  more: { photos: value.photos.length, left: most - value.photos.length, place: value.place !== undefined, over },
});
const allSaid = /^(?:1|0|继续|下一步|完|完了|好|好了|发完了|没|没有|没有了|不用|不发|不需要|跳过|无)$/;

export function toOptions(offered: Offered): Option[] {
  return offered.map((one) => (typeof one === 'string' ? { value: one, label: one } : one));
}

const textOf = (said: Said) => (said.kind === 'text' ? said.text : '');
