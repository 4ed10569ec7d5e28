import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartupError } from '../../platform/startup-error';
import { type FaqEntry, faqEntry, type Matter, matter, matterFile } from './matter';

/** All that a folder of guides says: `matters/*.yaml`, one office each, and `faq.yaml`. */
export type GuideFiles = { matters: Matter[]; faq: FaqEntry[]; fingerprint: string };

/**
 * Reads and checks a folder of guides.
 * @throws StartupError that lists every fault with its file and matter, so that an office can mend all of them at once
 */
export function readGuideFiles(folder: string): GuideFiles {
  const faults: string[] = [];
  const hash = createHash('sha256');
  const read = (file: string): unknown => {
    const source = readFileSync(path.join(folder, file), 'utf8');
    hash.update(`${file}\0${source}\0`);
    try {
      return parse(source);
    } catch (error) {
      faults.push(`${file}：不是正确的 YAML，${(error as Error).message.split('\n')[0]}`);
      return undefined;
    }
  };

  const matters = matterFiles(folder).flatMap((file) => mattersOf(file, read(file), faults));
  const faq = existsSync(path.join(folder, 'faq.yaml')) ? faqOf(read('faq.yaml'), faults) : [];
  compare(matters, faq, faults);
  if (faults.length > 0) throw new StartupError(`办事指南 ${folder} 有误：\n  ${faults.join('\n  ')}`);
  return { matters, faq, fingerprint: hash.digest('hex').slice(0, 32) };
}

function matterFiles(folder: string): string[] {
  const below = path.join(folder, 'matters');
  const files = existsSync(below) ? readdirSync(below).filter((name) => /\.ya?ml$/.test(name)) : [];
  if (files.length === 0) throw new StartupError(`${folder} 里没有办事指南：应当有 matters/*.yaml，每个部门一个文件`);
  return files.sort().map((name) => path.join('matters', name));
}

function mattersOf(file: string, content: unknown, faults: string[]): Matter[] {
  if (content === undefined) return [];
  const whole = matterFile.safeParse(content);
  if (!whole.success) {
    faults.push(`${file}：${told(whole.error)}`);
    return [];
  }
  return whole.data.matters.flatMap((one, index) => {
    const parsed = matter.safeParse({ ...whole.data.defaults, ...one });
    if (parsed.success) return [parsed.data];
    faults.push(`${file} 第 ${index + 1} 项（${one.title ?? one.key ?? '无标题'}）：${told(parsed.error)}`);
    return [];
  });
}

function faqOf(content: unknown, faults: string[]): FaqEntry[] {
  const parsed = z.array(faqEntry).safeParse(content);
  if (parsed.success) return parsed.data;
  faults.push(`faq.yaml：${told(parsed.error)}`);
  return [];
}

function compare(matters: Matter[], faq: FaqEntry[], faults: string[]): void {
  const offices = new Map<string, string>();
  const keys = new Set<string>();
  for (const { key, officeKey, office } of matters) {
    if (keys.has(key)) faults.push(`事项 ${key} 出现了两次`);
    keys.add(key);
    const known = offices.get(officeKey) ?? office;
    if (known !== office) faults.push(`部门 ${officeKey} 有两个名称：${known}、${office}`);
    offices.set(officeKey, known);
  }
  for (const { question, matter } of faq)
    if (matter && !keys.has(matter)) faults.push(`常见问题「${question}」引用的事项 ${matter} 不存在`);
}

const told = (error: z.ZodError) =>
  error.issues
    .map((issue) => `${issue.path.join('.')} ${z.locales.zhCN().localeError(issue as never) ?? issue.message}`)
    .join('；');
