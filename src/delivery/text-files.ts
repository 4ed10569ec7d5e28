import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartupError } from '../platform/startup-error';

const head = z.strictObject({
  key: z.string().regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/),
  kind: z.enum(['reply', 'notice', 'autoreply', 'flow']),
  title: z.string().min(1),
  variables: z.array(z.strictObject({ name: z.string(), meaning: z.string(), example: z.unknown() })).default([]),
});

export type TextFile = z.infer<typeof head> & { body: string };

/**
 * All texts of a folder: one LiquidJS file each, below a short YAML head between two lines of `---`.
 * @throws StartupError that names the file and what is wrong with its head
 */
export function readTextFiles(folder: string): TextFile[] {
  return filesBelow(folder, '.liquid').map((file) => {
    const parts = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(
      readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n'),
    );
    if (!parts) throw new StartupError(`模板 ${file} 缺少开头的 --- 区段（key、kind、title、variables）`);
    const parsed = head.safeParse(parse(parts[1]!));
    if (!parsed.success) throw new StartupError(`模板 ${file} 的开头有误：${z.prettifyError(parsed.error)}`);
    return { ...parsed.data, body: parts[2]!.trimEnd() };
  });
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .sort();
}
