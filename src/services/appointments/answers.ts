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

/** The first that fits is meant. */
const ways = [
  {
    form: /(?:取消|退掉|不去了).{0,8}(?:预约|号)|退.{0,4}号/u,
    key: 'appointments.cancel',
    label: '取消预约',
    told: '在「我的预约」里取消，过了时间的请联系该部门。',
    page: '/appointments/mine',
  },
  {
    form: /我.{0,4}(?:约|挂).{0,2}[的了过]|改期|改.{0,4}(?:预约|时段)|(?:预约|挂号|约).{0,10}改/u,
    key: 'appointments.mine',
    label: '我的预约',
    told: '看编号、时间、地点，改期或取消。',
    page: '/appointments/mine',
  },
  {
    form: /预约|挂(?!失).{0,8}号|约.{0,10}的号|有号|放号|专家号/u,
    key: 'appointments.book',
    label: '预约挂号办事',
    told: '选科室或窗口、日期和时段。',
    page: '/appointments',
  },
];
