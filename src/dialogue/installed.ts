import type { Flow } from './flow';
import { ownKeys } from './menu';
import type { Opening, Service } from './service';

/** The services that are there, looked up by what citizens and menus name. */
export type Installed = ReturnType<typeof install>;

/**
 * Checks the services against each other and against the menu.
 * @throws Error that lists every fault: the server does not start with a broken part
 */
export function install(services: Service[], menuKeys: string[] = []) {
  const faults: string[] = [];
  const openings = new Map<string, Opening>();
  const keywords = new Map<string, Opening>();
  const scenes = new Map<string, Opening>();
  const flows = new Map<string, Flow>();
  const put = <T>(map: Map<string, T>, key: string, value: T, what: string) => {
    if (map.has(key)) faults.push(`${what} ${key} is claimed twice`);
    map.set(key, value);
  };

  for (const service of services) {
    for (const opening of service.opens) {
      if (opening.key !== service.key && !opening.key.startsWith(`${service.key}.`)) {
        faults.push(`service ${service.key} opens ${opening.key}, which does not start with its own key`);
      }
      put(openings, opening.key, opening, 'key');
      for (const word of opening.keywords ?? []) put(keywords, word.toLowerCase(), opening, 'keyword');
      for (const scene of opening.scenes ?? []) put(scenes, scene, opening, 'scene');
      if (typeof opening.start !== 'function') flows.set(opening.start.key, opening.start);
    }
  }
  for (const key of menuKeys)
    if (!openings.has(key) && !(key in ownKeys)) faults.push(`the menu's key ${key} is opened by no service`);
  if (faults.length > 0) throw new Error(`services do not fit together:\n  ${faults.join('\n  ')}`);

  return {
    services,
    opening: (key: string) => openings.get(key),
    byKeyword: (word: string) => keywords.get(word),
    byScene: (scene: string) => scenes.get(scene),
    flow: (key: string) => flows.get(key),
    flows: () => [...flows.values()],
  };
}
