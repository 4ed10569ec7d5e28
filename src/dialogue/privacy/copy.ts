import type { Citizen } from '../../people/citizen';
import { shanghai } from '../../platform/clock';
import type { ServiceDeps } from '../service';
import { allData } from './own-data';
import type { Row } from './personal-data';

/** What a citizen gets: everything about them, in words. */
export type Copy = { title: string; account: string; madeAt: string; sections: Section[] };
type Section = { title: string; note: string; rows: Row[] };

/** of each part; a copy is something to read, and one job must not take all the memory */
const mostRows = 1000;
const mostLetters = 4_000_000;

export async function makeCopy(citizen: Citizen, deps: ServiceDeps): Promise<Copy> {
  const sections: Section[] = [];
  let left = mostLetters;
  for (const data of allData(deps)) {
    const found = await data.copy(citizen, mostRows, deps);
    const rows = found.filter((row) => {
      left -= JSON.stringify(row).length;
      return left > 0;
    });
    const whole = found.length < mostRows && rows.length === found.length;
    sections.push({ title: data.title, note: whole ? '' : `内容较多，只列出最近的 ${rows.length} 条`, rows });
  }
  return {
    title: '个人信息副本',
    account: deps.accounts.byId(citizen.accountId)?.title ?? '',
    madeAt: shanghai(deps.clock.now()),
    sections,
  };
}

/** The same as a page: it runs nothing and loads nothing, so that it opens on any phone. */
export function asPage({ title, account, madeAt, sections }: Copy): string {
  const body = sections.map(
    (section) => `<h2>${escaped(section.title)}</h2>
${section.note ? `<p>${escaped(section.note)}</p>` : ''}${section.rows.length === 0 ? '<p>没有</p>' : ''}
${section.rows.map(oneRow).join('\n')}`,
  );
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title></head><body>
<h1>${escaped(title)}</h1><p>${escaped(account)}，生成于 ${escaped(madeAt)}。内容没有打码，请妥善保管。</p>
${body.join('\n')}
</body></html>
`;
}

const oneRow = (row: Row) =>
  `<dl>${Object.entries(row)
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `<dt><b>${escaped(label)}</b></dt><dd>${escaped(value).replaceAll('\n', '<br>')}</dd>`)
    .join('')}</dl><hr>`;

const marks: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (mark) => marks[mark]!);
