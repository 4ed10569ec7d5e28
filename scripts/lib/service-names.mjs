import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './root.mjs';
import { Refusal } from './say.mjs';

// What a new service may be called: what is bad or taken is refused in one line.

/** Words that cannot be the name of what a module exports, and names that the house does not give to folders. */
const reserved = new Set(
  `abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else enum
   eval export extends false finally for from function get if implements import in instanceof interface is keyof let module
   namespace never new null number object of package private protected public return set static string super switch symbol
   this throw true try type typeof undefined unknown var void while with yield`.split(/\s+/),
);
const odds = /(?:^|-)(?:utils?|helpers?|commons?|shared|misc|lib)(?:-|$)/;

/** @throws {Refusal} */
export function refuseBadKey(key) {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(key) || key.length > 30)
    throw new Refusal(`名称 ${key} 不行：应是小写英文、数字和连字符，以字母开头，最多 30 个字符，例如 lost-items`);
  if (reserved.has(camel(key)) || odds.test(key))
    throw new Refusal(`名称 ${key} 不行：它在程序里另有意思，换一个说得出这个服务的词，例如 lost-items`);
}

/** What the service is called in its index must not be what that imports. @throws {Refusal} */
export function refuseImportedName(key, index) {
  const imported = [...index.matchAll(/import \{([^}]*)\}/g)].flatMap(([, names]) =>
    names.split(',').map((one) => one.trim()),
  );
  if (imported.includes(camel(key)))
    throw new Refusal(`名称 ${key} 不行：它在程序里另有意思，换一个说得出这个服务的词`);
}

/** @throws {Refusal} */
export function refuseBadTitle(title) {
  if (!/^(?=.*\p{L})[\p{L}\p{N}]{2,12}$/u.test(title))
    throw new Refusal(`标题 ${title} 不行：应是 2 到 12 个汉字、字母或数字，它也是市民打开服务的关键词`);
}

/** A folder, an address of the API or of the pages, and the dialogue's own menu keys. */
export function refuseTakenKey(key) {
  const folder = ['src/services', 'web/h5/services', 'web/console/services']
    .map((place) => `${place}/${key}`)
    .find((place) => existsSync(inRoot(place)));
  if (folder) throw new Refusal(`名称 ${key} 已经有了：${folder}，换一个`);
  const migration = readdirSync(inRoot('migrations')).find((name) => name.replace(/^\d+-/, '') === `${key}.ts`);
  if (migration) throw new Refusal(`名称 ${key} 已经有了：migrations/${migration}，换一个`);
  const address = new RegExp(`(?:path: |home: |')'?/${key}['/?]`);
  const taken = ['src/services', 'src/h5', 'web/h5']
    .flatMap(sources)
    .filter(({ file, text }) => !file.startsWith('src/services/') || text.includes('citizenRoute'))
    .find(({ text }) => address.test(text));
  if (taken) throw new Refusal(`地址 /${key} 已经被 ${taken.file} 用了，换一个名称`);
  const own = sources('src/dialogue').find(({ file }) => file.endsWith('/menu.ts'));
  if (new RegExp(`\\b${key}: '`).test(own?.text ?? '')) throw new Refusal(`名称 ${key} 是菜单自己的键，换一个`);
}

/** What citizens say opens one thing: keywords of services, and the words that work everywhere. */
export function refuseTakenTitle(title, kind) {
  const words = kind === 'do' ? [title, `我的${title}`] : [title];
  for (const word of words) {
    const taken = [...sources('src/services'), ...sources('src/dialogue')]
      .filter(({ file }) => /\/(?:index|commands)\.ts$/.test(file))
      .find(({ text }) => text.toLowerCase().includes(`'${word.toLowerCase()}'`));
    const file = taken?.file ?? dataWithKeyword(word);
    if (file) throw new Refusal(`「${word}」已经是 ${file} 的关键词，用 --title 换一个标题`);
  }
}

/** Some services have their keywords as data: `keywords: [护照费用, 通行证费用]`. */
function dataWithKeyword(word) {
  return filesUnder('src/services')
    .filter((file) => file.endsWith('.yaml'))
    .find((file) =>
      [...readFileSync(inRoot(file), 'utf8').matchAll(/keywords: \[([^\]]*)\]/g)].some(([, words]) =>
        words.split(',').some((one) => one.trim().toLowerCase() === word.toLowerCase()),
      ),
    );
}

function sources(place) {
  return filesUnder(place)
    .filter((file) => /\.(?:ts|vue)$/.test(file))
    .map((file) => ({ file, text: readFileSync(inRoot(file), 'utf8') }));
}

/** Below a folder of the project, by their paths in it. */
export function filesUnder(place) {
  return readdirSync(inRoot(place), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(inRoot(), path.join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'),
    )
    .sort();
}

export function camel(key) {
  return key.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}
