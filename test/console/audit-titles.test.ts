import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { auditTitles } from '../../web/console/audit-titles';

// An act without a title would stand in the audit trail by its key, which says nothing to an auditor.

const root = path.join(__dirname, '../..');
const services = path.join(root, 'web/console/services');
const parts = [
  auditTitles,
  ...readdirSync(services)
    .filter((service) => readdirSync(path.join(services, service)).includes('audit-titles.ts'))
    .map((service) => require(path.join(services, service, 'audit-titles')).auditTitles as typeof auditTitles),
];

test('every action that is written to the audit trail has a title and can be chosen, and no other has one', () => {
  const { actions, open } = writtenActions();
  expect(open).toEqual([]);
  expect(actions.length).toBeGreaterThan(100);
  expect(parts.flatMap((part) => Object.keys(part.actions)).sort()).toEqual(actions);
  const groups = parts.flatMap((part) => Object.keys(part.groups));
  expect(actions.filter((action) => !groups.some((group) => action.startsWith(group)))).toEqual([]);
});

test('everything that an act is written to have been done to has a title, too', () => {
  const known = new Set(parts.flatMap(({ subjects = {} }) => Object.keys(subjects)));
  const src = path.join(root, 'src');
  const written = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(path.join(src, file), 'utf8').matchAll(/\bsubject: .*/g)])
    .flatMap(([line]) => [...line.replaceAll(/\$\{.*?\}/g, '$').matchAll(/[`']([a-z-]+)(:[a-z.-]+)?(?:\b|:\$)/g)])
    .map(([, kind = '', rest = '']) => (known.has(kind) ? kind : kind + rest));
  expect(written.length).toBeGreaterThan(30);
  expect(written.filter((subject) => !known.has(subject))).toEqual([]);
});

/**
 * What stands wherever the type asks for an action, as the compiler sees it: `open` are the places that say no more than that it
 * is one with such a beginning.
 */
function writtenActions(): { actions: string[]; open: string[] } {
  const checker = ourOwnProgram();
  const actions = new Set<string>();
  const open: string[] = [];
  for (const file of checker.files) ts.forEachChild(file, look);
  return { actions: [...actions].sort(), open };

  function look(node: ts.Node): void {
    if (isCandidate(node) && wantsAction(checker.types.getContextualType(node)))
      for (const type of alternatives(checker.types.getTypeAtLocation(node)))
        if (type.isStringLiteral()) actions.add(type.value);
        else if (!isAnyAction(type)) open.push(`${node.getSourceFile().fileName}: ${node.getText()}`);
    ts.forEachChild(node, look);
  }
}

const isCandidate = (node: ts.Node): node is ts.Expression =>
  (ts.isTemplateExpression(node) && /^([a-z-]+\.)*$/.test(node.head.text)) ||
  (ts.isStringLiteralLike(node) && /^[a-z-]+(\.[a-z-]+)+$/.test(node.text)) ||
  (ts.isIdentifier(node) && /action/i.test(node.text) && ts.isExpression(node)) ||
  (ts.isPropertyAccessExpression(node) && /action/i.test(node.name.text));

const alternatives = (type: ts.Type | undefined): ts.Type[] => (type?.isUnion() ? type.types : type ? [type] : []);
const wantsAction = (type: ts.Type | undefined) => alternatives(type).some(isAnyAction);
/** AuditAction itself: whoever hands it on was given it by somebody who is looked at as well. */
const isAnyAction = (type: ts.Type): boolean =>
  (type.flags & ts.TypeFlags.TemplateLiteral) !== 0 &&
  (type as ts.TemplateLiteralType).texts.join('') === '.' &&
  (type as ts.TemplateLiteralType).texts.length === 3;

/** Ours without the packages that it uses, which know of no audit trail. */
function ourOwnProgram() {
  const src = path.join(root, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(src, file));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (names, from) =>
    names.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  const program = ts.createProgram([...files, path.join(root, 'scripts/staff.ts')], options, host);
  return {
    types: program.getTypeChecker(),
    files: program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file)),
  };
}
