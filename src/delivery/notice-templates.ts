import { z } from 'zod';
import type { Account } from '../people/accounts';
import type { Notice } from './message';

/** A template of the account's, and which of our values goes into which of its fields: { thing1: '预约事项' } */
const template = z.object({ templateId: z.string().min(1), fields: z.record(z.string(), z.string()) });

/** Under `noticeTemplates.<kind>` of an account's settings. */
export const noticeTemplate = z.object({
  /** long-term subscription notice */
  subscribe: template.optional(),
  /** template message */
  template: template.optional(),
});

const templatesOf = (account: Account, kind: string) =>
  noticeTemplate.safeParse(account.settings.noticeTemplates?.[kind]).data;

/** Whether there is a way to a citizen who may not be written to. */
export function hasNoticeTemplate(account: Account | undefined, kind: string): boolean {
  const templates = account && templatesOf(account, kind);
  return templates?.subscribe !== undefined || templates?.template !== undefined;
}

/** The template for a notice on a channel, its fields filled and fitted; undefined where the account has none. */
export function fillTemplate(account: Account, channel: 'subscribe' | 'template', notice: Notice) {
  const chosen = templatesOf(account, notice.kind)?.[channel];
  if (!chosen) return undefined;
  const data = Object.entries(chosen.fields).map(([field, label]) => [
    field,
    fitField(field, notice.data[label] ?? ''),
  ]);
  return { templateId: chosen.templateId, data: Object.fromEntries(data) as Record<string, string> };
}

/** WeChat's lengths by type of field, in characters; what is longer makes it refuse the whole notice (47003). */
const longest: [name: RegExp, characters: number][] = [
  [/^(thing|const)\d/, 20],
  [/^(character_string|number|letter)\d/, 32],
  [/^name\d/, 10],
  [/^phrase\d/, 5],
  [/^car_number\d/, 8],
  [/^phone_number\d/, 17],
];

function fitField(field: string, value: string): string {
  const most = longest.find(([name]) => name.test(field))?.[1];
  const characters = [...value.replace(/\s+/g, ' ').trim()];
  // An empty field is refused as well.
  if (characters.length === 0) return /^(thing|const|phrase)\d/.test(field) ? '无' : '-';
  if (most === undefined || characters.length <= most) return characters.join('');
  return most > 5 && field.startsWith('thing')
    ? `${characters.slice(0, most - 1).join('')}…`
    : characters.slice(0, most).join('');
}
