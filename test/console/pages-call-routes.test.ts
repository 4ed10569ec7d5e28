import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { consoleContracts } from '../../src/console';
import { loadServices } from '../../src/services/loader';

// What staff may do they can do on a page: the addresses that the console's pages ask for, read off their source, against the routes.
// Which method an address is asked with is not looked at.

/** Made for programs that act for staff; pages have the same from a list, or live. */
const forPrograms = ['get /deliveries/:id', 'get /services/appointments/stops/:id'];

const web = path.join(__dirname, '../../web/console');
const texts = readdirSync(web, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(?:ts|vue)$/.test(file))
  .map((file) => readFileSync(path.join(web, file), 'utf8'));
const bases = texts.flatMap((text) => [...text.matchAll(/const base = '([^']+)'/g)].map(([, base]) => base!));

/** What an address can have been put together from where its template leaves a gap. */
const words = new Set<string>();
/** Addresses with their gaps, `{}`. */
const addresses = new Set<string>();
for (const text of texts)
  for (const code of codeOf(text)) collect(ts.createSourceFile('page.ts', code, ts.ScriptTarget.Latest, true));

const routes = [
  ...consoleContracts.map(({ method, path }) => `${method} ${path}`),
  ...loadServices().flatMap(({ key, staffRoutes = [] }) =>
    staffRoutes.map(({ method, path }) => `${method} /services/${key}${path === '/' ? '' : path}`),
  ),
];

test('every route for staff is asked by some page, or is named as one for programs', () => {
  expect(routes.length).toBeGreaterThan(150);
  const patterns = [...addresses].map(toPattern);
  const asked = (route: string) => patterns.some((fits) => fits(route.slice(route.indexOf('/'))));
  expect(routes.filter((route) => !asked(route)).sort()).toEqual(forPrograms);
});

/** Scripts, and what is in the attributes of a page's template. */
function codeOf(text: string): string[] {
  if (!text.includes('<template>')) return [text];
  const scripts = [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
  return [...scripts, ...[...text.matchAll(/[@:#\w-]+="([^"]*)"/g)].map(([, code]) => `(${code})`)];
}

function collect(node: ts.Node): void {
  if (ts.isStringLiteralLike(node)) note([node.text]);
  else if (ts.isIdentifier(node) && node.text === 'base') for (const base of bases) note([base]);
  else if (ts.isTemplateExpression(node)) {
    const isBase = ({ expression }: ts.TemplateSpan) => expression.getText() === 'base';
    for (const base of node.templateSpans.some(isBase) ? bases : [''])
      note([node.head.text, ...node.templateSpans.flatMap((span) => [isBase(span) ? base : '{}', span.literal.text])]);
  }
  ts.forEachChild(node, collect);
}

function note(parts: string[]): void {
  const [address] = parts
    .join('')
    .replace(/^\/api\/console/, '')
    .split('?');
  if (address!.includes('/')) addresses.add(address!);
  // `joint/{}/end` comes to stand where another template has a gap.
  if (/^\w/.test(address!)) for (const word of address!.split('/')) words.add(word);
}

/** A gap takes parameters, and words that some page says; one that an address begins with takes whatever is before it. */
function toPattern(address: string): (path: string) => boolean {
  const parts = address.split('{}');
  const pattern = new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.*?)')}$`);
  const open = parts[0] === '';
  return (path) => {
    const gaps = pattern.exec(path)?.slice(open ? 2 : 1);
    return (
      gaps !== undefined &&
      (!open || /\/\w/.test(address)) &&
      gaps.every((gap) => gap.split('/').every((word) => word === '' || word.startsWith(':') || words.has(word)))
    );
  };
}
