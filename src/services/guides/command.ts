import { existsSync } from 'node:fs';
import type { ServiceDeps } from '../../dialogue/service';
import { StartupError } from '../../platform/startup-error';
import { readGuideFiles } from './files';
import { loadGuides } from './load';

/**
 * `npm run service -- guides import <folder>`: a city's own guides in place of all that are there. The folder looks like this
 * one: `matters/*.yaml`, one office each, and `faq.yaml`. Demo data never comes back by itself after that.
 */
export async function command([act, folder]: string[], deps: ServiceDeps): Promise<string> {
  if (act !== 'import' || !folder)
    throw new StartupError(
      '用法：npm run service -- guides import <文件夹>（里面有 matters/*.yaml 和 faq.yaml，格式见 src/services/guides）',
    );
  if (!existsSync(folder)) throw new StartupError(`没有文件夹 ${folder}`);
  const files = readGuideFiles(folder);
  const changed = await loadGuides(files, 'import', deps);
  const count = `${files.matters.length} 个事项、${files.faq.length} 个常见问题`;
  return changed ? `已导入 ${count}，运行中的服务马上生效` : `已经是最新的：${count}`;
}
