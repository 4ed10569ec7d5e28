import type { Hit } from '../../dialogue/contributions';
import type { ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';

/** 「明天上午内科有号吗」「取消我的预约」: what is said in a sentence of one's own, beside what guides know of it. */
export async function answers(text: string, { deps, account }: ServiceContext): Promise<Hit[]> {
  const meant = ways.find(({ form }) => form.test(text));
  if (!meant) return [];
  const { key, label, told, page } = meant;
  return [{ label, key, score: 0.95, text: `${label}：${told}${citizenPage(deps, account.id, page)}` }];
}

/** Part of a longer word it is something else: 大约, 合约, 节约; 约束. */
const book = '(?<![大合节制条契签违公婚隐特续履])约(?![束谈])';
/** 挂失, 挂车, 挂牌 and 悬挂 are not a doctor’s. */
const register = '(?<![悬擦剐])挂(?![失车牌])';
/** A doctor’s or a window’s, and not a number: 账号, 车牌号, 证号; 号牌, 号码. */
const place = '(?<=[退消掉挂约个了的科家诊通生任天午])号(?![牌码段])';

/** The first that fits is meant. */
const ways = [
  {
    form: new RegExp(`(?:取消|退掉|不去了).{0,8}(?:预约|${place})|退(?![税役休伍]).{0,6}${place}`, 'u'),
    key: 'appointments.cancel',
    label: '取消预约',
    told: '在「我的预约」里取消，过了时间的请联系该部门。',
    page: '/appointments/mine',
  },
  {
    form: new RegExp(
      `我.{0,4}(?:${book}|${register}).{0,2}[的了过](?!牌)|改期|改.{0,4}(?:预约|时段)|(?:${book}|挂${place}).{0,10}改`,
      'u',
    ),
    key: 'appointments.mine',
    label: '我的预约',
    told: '看编号、时间、地点，改期或取消。',
    page: '/appointments/mine',
  },
  {
    form: new RegExp(
      `预约|${register}[^牌车]{0,7}${place}|${book}.{0,10}的${place}|有号(?![牌码段召])|放号(?![牌码段])|专家${place}`,
      'u',
    ),
    key: 'appointments.book',
    label: '预约挂号办事',
    told: '选科室或窗口、日期和时段。',
    page: '/appointments',
  },
];
