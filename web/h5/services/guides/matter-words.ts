import type { Matter } from './types';

/** A matter as plain text, to be sent to somebody or printed. */
export function wordsOf(matter: Matter, link: string): string {
  const numbered = (lines: string[]) => lines.map((line, index) => `${index + 1}. ${line}`);
  return [
    `【${matter.title}】`,
    matter.summary,
    '',
    '要带什么：',
    ...numbered(matter.materials.map(({ name, note }) => (note ? `${name}（${note}）` : name))),
    '',
    '去哪里：',
    ...matter.where.map(({ name, address, phone }) => [name, address, phone].filter(Boolean).join('，')),
    `时间：${matter.hours}`,
    '',
    `谁能办：${matter.who}`,
    `费用：${matter.fee}`,
    `多久办好：${matter.duration}`,
    ...(matter.online ? [`网上办：${matter.online}`] : []),
    '',
    '怎么办：',
    ...numbered(matter.steps),
    ...(matter.notes.length > 0 ? ['', '请注意：', ...matter.notes.map((note) => `· ${note}`)] : []),
    '',
    `${matter.demo ? '（示例数据）' : ''}更新于 ${matter.updated} ${link}`,
  ].join('\n');
}
