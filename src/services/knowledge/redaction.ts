/** What looks like a person's data in a text, and where. */
export type Finding = { kind: Kind; text: string; start: number; end: number };
export type Kind = keyof typeof kinds;

/** What stands in its place. The first three are never stored: what has their form is always a person's. */
export const kinds = {
  mobile: '手机号',
  identity: '身份证号',
  card: '银行卡号',
  masked: '打码的号码',
  phone: '固定电话',
  email: '邮箱',
  account: '微信或 QQ 号',
  plate: '车牌号',
  record: '就诊号或编号',
  birth: '出生日期',
  name: '姓名',
  address: '住址',
} as const;
const neverStored: readonly Kind[] = ['mobile', 'identity', 'card'];

const surnames =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤';
const title = '先生|女士|小姐|同志|老师|医生|大夫|护士|主任|警官|民警|大爷|大妈|阿姨|师傅';
const han = '\\p{Script=Han}';
const place = '号|弄|栋|幢|座|单元|室|楼|组|队';

const patterns: [Kind, RegExp][] = [
  ['identity', /(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)/gu],
  ['mobile', /(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)/gu],
  ['card', /(?<!\d)(?:62|4\d|5[1-5])\d{2}(?:[ ]?\d{4}){2,3}[ ]?\d{1,4}(?!\d)/gu],
  ['masked', /\d{2,4}\*{2,}\d{2,4}[\dXx]?/gu],
  ['phone', /(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)/gu],
  ['email', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu],
  ['account', /(?<=(?:微信号?|QQ|qq|扣扣)[号是为：:\s]{0,3})[a-zA-Z\d][-\w]{4,19}/gu],
  ['plate', /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·\s]?[A-Z\d]{5,6}/gu],
  ['record', /(?<=(?:就诊卡?号|住院号|病历号|门诊号|案件编号|回执号|订单号|编号)[是为：:\s]{0,3})[A-Za-z]?\d{5,}/gu],
  ['birth', /(?:19|20)\d{2}\s?[年/.-]\s?\d{1,2}\s?[月/.-]\s?\d{1,2}\s?日?(?=\s?(?:出生|生日|生人|生的|的生日))/gu],
  [
    'name',
    new RegExp(
      `(?<=我叫|名叫|名字叫|叫做|姓名[是为：:\\s]{0,3}|患者|病人|当事人|本人是)[${surnames}]${han}{1,2}(?=[，。,.、；;！!？?\\s（(]|$)`,
      'gu',
    ),
  ],
  ['name', new RegExp(`(?<!${han})[${surnames}]${han}{0,2}(?=${title})|[${surnames}](?=${title})`, 'gu')],
  ['name', new RegExp(`[${surnames}](?:某某?|××?|XX?|\\*{1,2})`, 'gu')],
  [
    'address',
    new RegExp(
      `${han}{1,8}(?:路|街|巷|大道|胡同|弄|村|镇|乡|小区|花园|公寓|家园|新村|社区)(?:[\\d一二三四五六七八九十]+(?:${place})[-—]?)+\\d*(?:室|号)?`,
      'gu',
    ),
  ],
];

/** All that a person has to look at, in the order in which it stands. Of two that overlap the more telling one counts. */
export function findPersonal(text: string): Finding[] {
  const found: Finding[] = [];
  for (const [kind, pattern] of patterns)
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (!found.some((one) => start < one.end && one.start < end)) found.push({ kind, text: match[0], start, end });
    }
  return found.sort((one, other) => one.start - other.start);
}

/** A text without the numbers that always are a person's. */
export function withoutNumbers(text: string): string {
  return findPersonal(text)
    .filter(({ kind }) => neverStored.includes(kind))
    .reduceRight((rest, { kind, start, end }) => `${rest.slice(0, start)}〔${kinds[kind]}〕${rest.slice(end)}`, text);
}
