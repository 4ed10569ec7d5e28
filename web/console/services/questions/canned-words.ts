import type { Question } from './types';

/** What a canned answer may leave open; the answer is read once more before it is sent. */
export const blanks = [
  { name: 'citizenName', meaning: '对市民的称呼' },
  { name: 'number', meaning: '提问编号' },
  { name: 'organisation', meaning: '部门' },
  { name: 'staffName', meaning: '您的姓名' },
];

export function fillIn(body: string, question: Question, staffName: string): string {
  const values: Record<string, string> = {
    citizenName: '市民朋友',
    number: question.number,
    organisation: question.organisation?.title ?? '',
    staffName,
  };
  return body.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}
