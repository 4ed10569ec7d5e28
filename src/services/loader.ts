import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Service } from '../dialogue/service';

/**
 * Every folder beside this file is a citizen service; its index exports one made by `defineService`.
 * @throws Error for a folder that does not export one, or one whose key is not the folder's name
 */
export function loadServices(folder: string = __dirname): Service[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => loadService(path.join(folder, name), name))
    .sort((one, other) => one.key.localeCompare(other.key));
}

function loadService(folder: string, name: string): Service {
  const index = ['index.js', 'index.ts'].map((file) => path.join(folder, file)).find(existsSync);
  if (!index) throw new Error(`services/${name} has no index`);
  const found = Object.values(require(index) as Record<string, unknown>).filter(isService);
  if (found.length !== 1)
    throw new Error(`services/${name}/index must export one service made by defineService, it exports ${found.length}`);
  if (found[0]!.key !== name) throw new Error(`services/${name} calls itself ${found[0]!.key}`);
  return found[0]!;
}

function isService(value: unknown): value is Service {
  return typeof value === 'object' && value !== null && 'kind' in value && 'opens' in value;
}
