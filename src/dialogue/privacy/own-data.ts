import { personsOf, relations } from '../../people/identity/bindings';
import { confirmingPhone } from '../../people/identity/confirming-phone';
import { type ConsentKind, consentHistoryOf, consentKinds } from '../../people/identity/consents';
import { documentKinds } from '../../people/identity/documents';
import { forgetIdentity } from '../../people/identity/leave';
import { shanghai } from '../../platform/clock';
import type { Queryable } from '../../platform/database';
import type { ServiceDeps } from '../service';
import { chatData } from './chat-data';
import { type PersonalData, UnderWay } from './personal-data';
import { dayMillis, privacyPolicy } from './policy';

const identity: PersonalData = {
  title: '实名信息',
  async copy(citizen, _most, { db, encryption, clock }) {
    const persons = (await personsOf(db, citizen, encryption)).map(({ relation, name, document, phone }) => ({
      关系: relations[relation],
      姓名: name,
      证件: documentKinds[document.kind],
      证件号码: document.number,
      手机号: phone,
    }));
    const confirming = await confirmingPhone(db, citizen, clock.now(), encryption);
    if (!confirming?.formerUntil) return persons;
    return [...persons, { 原来的手机号: confirming.phone, 留到: shanghai(confirming.formerUntil) }];
  },
  async erase(tx, citizen, alias, deps) {
    const at = deps.clock.now();
    const needs = (on: Queryable, id: string) => neededUntil(on, id, deps);
    const left = await forgetIdentity(tx, citizen, { alias, at, needs });
    const consentsUntil = new Date(at.getTime() + privacyPolicy(deps.settings).consentYears * 365 * dayMillis);
    return [
      {
        title: '本人和家人的实名登记',
        erased: left.bindings,
        kept: left.kept,
        ...(left.keptUntil && {
          why: '证件号的加密记录留到限约、爽约不再计算为止，以免借删除绕过',
          until: left.keptUntil.toISOString(),
        }),
      },
      { title: '短信验证码记录', erased: left.codes, kept: 0 },
      {
        title: '同意授权的记录',
        erased: 0,
        kept: left.consents,
        ...(left.consents > 0 && {
          why: '已与微信号脱离，作为取得同意的凭据保存',
          until: consentsUntil.toISOString(),
        }),
      },
    ];
  },
};

const consents: PersonalData = {
  title: '同意过的授权说明',
  async copy(citizen, most, { db, encryption }) {
    const persons = new Map((await personsOf(db, citizen, encryption)).map((one) => [one.id, one]));
    const forWhom = (id: string | null) => {
      const person = id && persons.get(id);
      if (person) return `${person.name}（${relations[person.relation]}）`;
      return id ? '已解除登记的家人' : '';
    };
    return (await consentHistoryOf(db, citizen, most)).map(
      ({ kind, version, text, given_at, withdrawn_at, person_id }) => ({
        授权: consentKinds[kind as ConsentKind] ?? kind,
        为谁: forWhom(person_id),
        同意于: shanghai(given_at),
        撤回于: withdrawn_at ? shanghai(withdrawn_at) : '',
        版本: version,
        原文: text,
      }),
    );
  },
  // with the identity
  erase: async () => [],
};

const notices: PersonalData = {
  title: '发给您的消息',
  async copy({ accountId, openid }, most, { delivery }) {
    const rows = await delivery.listFor({ accountId, openid }, { limit: most });
    return rows.map(({ createdAt, content, status, reason }) => ({
      时间: shanghai(createdAt),
      内容: content?.notice
        ? [content.notice.title, ...Object.entries(content.notice.data).map((pair) => pair.join('：'))].join('；')
        : content?.message?.type === 'text'
          ? content.message.content
          : `[${content?.message?.type ?? ''}]`,
      状态: reason ?? deliveryStates[status],
    }));
  },
  async erase(tx, { accountId, openid }) {
    const gone = await tx.query<{ status: string }>(
      `WITH d AS (DELETE FROM deliveries WHERE account_id = $1 AND openid = $2 RETURNING id, status) SELECT status FROM d`,
      [accountId, openid],
    );
    // What became of it would be written to a row that is there no more.
    if (gone.some(({ status }) => status === 'sending')) throw new UnderWay('a message to them is being sent');
    return [{ title: this.title, erased: gone.length, kept: 0 }];
  },
};

const deliveryStates = {
  queued: '等待发送',
  sending: '正在发送',
  sent: '已发出',
  delivered: '已送达',
  failed: '未送达',
  waiting: '等您下次联系时送达',
};

/** Those who need somebody's document are asked by turns; the longest counts. */
export async function neededUntil(
  on: Queryable,
  personId: string,
  { contributed, clock }: Pick<ServiceDeps, 'contributed' | 'clock'>,
): Promise<Date | undefined> {
  let longest: Date | undefined;
  for (const { needs } of contributed.personal) {
    const until = await needs?.(on, personId, clock.now());
    if (until && (!longest || until > longest)) longest = until;
  }
  return longest;
}

/** All that is known of a citizen: the services' first, since what they end they tell about; the chat last. */
export const allData = ({ contributed }: Pick<ServiceDeps, 'contributed'>): PersonalData[] => [
  ...contributed.personal,
  identity,
  consents,
  notices,
  chatData,
];
