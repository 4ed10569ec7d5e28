import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartupError } from '../../platform/startup-error';

const key = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const line = z.string().trim().min(1).max(300);

const state = z.strictObject({
  title: z.string().trim().min(1).max(20),
  /** what it means for the citizen, and what they have to do */
  words: line,
  /** nothing more is to come */
  final: z.boolean().default(false),
  /** the office has done its part, the citizen's turn: no day is promised any more */
  ready: z.boolean().default(false),
});

/** A kind of case (办件类型), as citizens know it. */
export const kindContract = z.strictObject({
  key,
  title: z.string().trim().min(1).max(30),
  /** key of the organisation to ask about it, where there is one */
  department: key,
  /** who answers, in words */
  ask: line,
  /** working days that it takes from the day it was opened */
  days: z.int().min(0).max(365),
  bring: z.array(line).default([]),
  states: z.record(key, state).refine((all) => Object.keys(all).length > 1, '至少要有两个状态'),
});
export type Kind = z.infer<typeof kindContract>;

const folder = path.join(__dirname, 'kinds');

/** All kinds, by key; one file for each authority. Read once. @throws StartupError that names every fault */
export const kinds: ReadonlyMap<string, Kind> = readKinds(folder);

export function readKinds(from: string): Map<string, Kind> {
  const faults: string[] = [];
  const found = new Map<string, Kind>();
  for (const file of readdirSync(from).sort()) {
    const parsed = z.array(kindContract).safeParse(parse(readFileSync(path.join(from, file), 'utf8')));
    if (!parsed.success) faults.push(`${file}：${z.prettifyError(parsed.error)}`);
    for (const kind of parsed.data ?? []) {
      if (found.has(kind.key)) faults.push(`${file}：${kind.key} 已经有了`);
      found.set(kind.key, kind);
    }
  }
  if (faults.length > 0) throw new StartupError(`办件类型 ${from} 有误：\n  ${faults.join('\n  ')}`);
  return found;
}

export const kindTitle = (kind: string): string => kinds.get(kind)?.title ?? '办件';
export const stateTitle = (kind: string, name: string): string => kinds.get(kind)?.states[name]?.title ?? name;
export const stateWords = (kind: string, name: string): string => kinds.get(kind)?.states[name]?.words ?? '';
export const isFinal = (kind: string, name: string): boolean => kinds.get(kind)?.states[name]?.final ?? false;
export const isDone = (kind: string, name: string): boolean =>
  isFinal(kind, name) || (kinds.get(kind)?.states[name]?.ready ?? false);
