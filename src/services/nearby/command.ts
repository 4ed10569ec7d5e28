import { existsSync } from 'node:fs';
import type { ServiceDeps } from '../../dialogue/service';
import { StartupError } from '../../platform/startup-error';
import { loadPlaces } from './load';
import { readPlaces } from './place';

/** `npm run service -- nearby import <file>`: a city's own places in place of all that are there. */
export async function command([act, file]: string[], deps: ServiceDeps): Promise<string> {
  if (act !== 'import' || !file)
    throw new StartupError(
      '用法：npm run service -- nearby import <文件.yaml>（格式见 src/services/nearby/places.yaml，坐标用 GCJ-02）',
    );
  if (!existsSync(file)) throw new StartupError(`没有文件 ${file}`);
  const places = readPlaces(file);
  await loadPlaces(places, { demo: false }, deps);
  return `已导入 ${places.places.length} 个办事点，运行中的服务马上生效`;
}
