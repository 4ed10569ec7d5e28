import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of package.json: where templates/ and dist/web/ are, alike from source and from dist. */
export const projectRoot = (() => {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = parent;
  }
  return folder;
})();
