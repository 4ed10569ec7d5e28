import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

// The rules of the house that can be read off the source. Each line of a failure is one file and what it must not do.

const root = path.join(__dirname, '..');
const src = path.join(root, 'src');

type Import = { from: string; to: string; typesOnly: boolean };
type Source = { file: string; text: string; tree: ts.SourceFile };

const sources: Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
  .map((file) => {
    const text = readFileSync(path.join(src, file), 'utf8');
    return { file, text, tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) };
  });

const known = new Set(sources.map(({ file }) => file));
const imports: Import[] = sources.flatMap(importsOf).filter(({ to }) => known.has(to));

/** Every file of ours that a file names: import, export … from, import(), require(), and types by import('…'). */
function importsOf({ file, tree }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typesOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier) || !specifier.text.startsWith('.')) return;
    const to = path.posix.join(path.posix.dirname(file), specifier.text);
    found.push({ from: file, to: [`${to}.ts`, `${to}/index.ts`].find((one) => known.has(one)) ?? to, typesOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && isLoading(node.expression)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  return !clause.name && !!bindings && ts.isNamedImports(bindings) && bindings.elements.every((one) => one.isTypeOnly);
}

function isLoading(called: ts.Expression): boolean {
  return called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require');
}

/** The folder a file belongs to; '' for those that stand directly in src/ and put the house together. */
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');
const serviceOf = (file: string) => /^services\/([^/]+)\//.exec(file)?.[1];
const under = (file: string, places: string[]) =>
  places.some((place) => file === place || file.startsWith(`${place}/`) || file === `${place}.ts`);

/** What each room may know of the others. Its own files it may know of course. */
const mayImport: Record<string, string[]> = {
  platform: [],
  people: ['platform'],
  delivery: ['people', 'platform'],
  dialogue: ['delivery', 'people', 'platform'],
  services: ['dialogue', 'delivery', 'people', 'platform'],
  wechat: ['dialogue/message', 'people', 'platform'],
  console: ['people', 'delivery', 'dialogue', 'platform'],
  h5: ['people', 'delivery', 'dialogue', 'platform'],
  open: ['people', 'delivery', 'dialogue', 'platform'],
  // The codec alone, which the two ends of the wire share; never the client, which is the other end.
  simulator: ['wechat', 'platform'],
};

test('there is something to read', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
});

test('every room has its rule', () => {
  const rooms = new Set(sources.map(({ file }) => roomOf(file)).filter(Boolean));
  expect([...rooms].filter((room) => !(room in mayImport))).toEqual([]);
});

test('rooms import in the directions of the house alone', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    if (room === '' || room === other) return false;
    if (other === '') return false;
    return !under(to, mayImport[room] ?? []);
  });
  expect(wrong.map(told)).toEqual([]);
});

test('the simulator knows of WeChat what goes over the wire, not how we call it', () => {
  const wrong = imports.filter(
    ({ from, to }) => roomOf(from) === 'simulator' && under(to, ['wechat/client', 'wechat/callback', 'wechat/body']),
  );
  expect(wrong.map(told)).toEqual([]);
});

test('no service knows another', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [one, other] = [serviceOf(from), serviceOf(to)];
    return other !== undefined && one !== other;
  });
  expect(wrong.map(told)).toEqual([]);
});

test('what puts the house together is imported by itself alone', () => {
  // Types vanish when compiled, and what a configuration looks like may be known.
  const wrong = imports.filter(
    ({ from, to, typesOnly }) => roomOf(from) !== '' && roomOf(to) === '' && !(to === 'config.ts' && typesOnly),
  );
  expect(wrong.map(told)).toEqual([]);
});

test('only database.ts reaches out of src/, for the data source that the TypeORM command line shares', () => {
  const wrong = sources
    .flatMap(importsOf)
    .filter(({ to }) => to.startsWith('../'))
    .filter(({ from, to }) => !(from === 'platform/database.ts' && to === '../ormconfig'));
  expect(wrong.map(told)).toEqual([]);
});

test('no cycles, neither between rooms nor between files', () => {
  const running = imports.filter(({ typesOnly }) => !typesOnly);
  expect(cyclesIn(running.map(({ from, to }) => [from, to]))).toEqual([]);
  const rooms = running.map(({ from, to }): [string, string] => [roomOf(from), roomOf(to)]);
  expect(cyclesIn(rooms.filter(([one, other]) => one !== other && one !== ''))).toEqual([]);
});

const told = ({ from, to }: Import) => `${from} imports ${to}`;

function cyclesIn(edges: [string, string][]): string[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to));
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (node: string, way: string[]): void => {
    if (way.includes(node)) return void cycles.push([...way.slice(way.indexOf(node)), node].join(' → '));
    if (done.has(node)) return;
    for (const other of next.get(node) ?? []) walk(other, [...way, node]);
    done.add(node);
  };
  for (const node of next.keys()) walk(node, []);
  return cycles;
}

describe('what only one file may do', () => {
  /** Where a tree has such a node, as `file:line`. */
  const places = (matches: (node: ts.Node) => boolean, except: string[]) =>
    sources
      .filter(({ file }) => !except.includes(file))
      .flatMap(({ file, tree }) => {
        const found: string[] = [];
        const visit = (node: ts.Node): void => {
          if (matches(node)) found.push(`${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
          ts.forEachChild(node, visit);
        };
        visit(tree);
        return found;
      });
  const isMember = (node: ts.Node, object: string, member: string) =>
    (ts.isPropertyAccessExpression(node) && node.expression.getText() === object && node.name.text === member) ||
    (ts.isElementAccessExpression(node) && node.expression.getText() === object);

  test('the time is asked of platform/clock.ts alone', () => {
    const asksForTheTime = (node: ts.Node) =>
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) ||
      (ts.isCallExpression(node) && node.expression.getText() === 'Date') ||
      isMember(node, 'Date', 'now') ||
      isMember(node, 'performance', 'now') ||
      isMember(node, 'performance', 'timeOrigin');
    expect(places(asksForTheTime, ['platform/clock.ts'])).toEqual([]);
  });

  test('the domain asks Postgres for no time either', () => {
    const asks =
      /\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)|\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b|\bLOCALTIME(?:STAMP)?\b/i;
    const isText = (node: ts.Node) =>
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    expect(places((node) => isText(node) && asks.test((node as ts.LiteralLikeNode).text), [])).toEqual([]);
  });

  test('the environment is read by config.ts alone', () => {
    // PostgreSQL's own programs are found by the PATH that we were started with.
    expect(places((node) => isMember(node, 'process', 'env'), ['config.ts', 'platform/postgres-cluster.ts'])).toEqual(
      [],
    );
  });
});

test('what is in order of a number is not in order of its digits: ORDER BY id means the column `id::text` where one is selected', () => {
  const bySpelling = /SELECT id::text\b(?! AS)(?:(?!SELECT)[^`])*ORDER BY id\b/;
  expect(sources.filter(({ text }) => bySpelling.test(text)).map(({ file }) => file)).toEqual([]);
});

test('files stay small, and half of them very small', () => {
  const lines = sources.map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }));
  expect(lines.filter((one) => one.lines > 300)).toEqual([]);
  const sorted = lines.map((one) => one.lines).sort((one, other) => one - other);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100);
});

test('names: kebab-case files, and no room for odds and ends', () => {
  const names = sources.flatMap(({ file }) =>
    file
      .replace(/\.ts$/, '')
      .split('/')
      .map((part) => ({ file, part })),
  );
  expect(names.filter(({ part }) => /^(?:utils?|helpers?|commons?|shared|misc|lib)$/.test(part))).toEqual([]);
  expect(names.filter(({ part }) => !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part))).toEqual([]);
});

test('exports have names', () => {
  const nameless = sources.filter(({ tree }) =>
    tree.statements.some(
      (statement) =>
        ts.isExportAssignment(statement) ||
        (ts.canHaveModifiers(statement) &&
          ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)),
    ),
  );
  expect(nameless.map(({ file }) => file)).toEqual([]);
});

test('no signature says any', () => {
  const found = sources.flatMap(({ file, tree }) => {
    const lines: string[] = [];
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.AnyKeyword)
        lines.push(`${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      ts.forEachChild(node, visit);
    };
    visit(tree);
    return lines;
  });
  expect(found).toEqual([]);
});

test('no icon stands for two rooms of the console', () => {
  const console = path.join(root, 'web/console');
  const icons = readdirSync(console, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'rooms.ts')
    .flatMap((file) => [...readFileSync(path.join(console, file), 'utf8').matchAll(/^ +icon: (\w+),$/gm)])
    .map(([, icon]) => icon!);
  expect(icons.length).toBeGreaterThan(20);
  expect(icons.filter((icon, nth) => icons.indexOf(icon) !== nth)).toEqual([]);
});
