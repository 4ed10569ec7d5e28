import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { staffRoles } from '../src/people/staff';
import { loadServices } from '../src/services/loader';

// What a city installs with says of the program what is true: compose.yaml, .env.example, the proxy's settings, docs/going-live.md.

const read = (file: string) => readFileSync(path.join(__dirname, '..', file), 'utf8');
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);

const variables = found(read('src/config.ts').split('z.object({')[1]!.split('\n});')[0]!, /^ {2}([A-Z_]+):/gm);
/** the image says them, or they are for development alone */
const elsewhere = [...found(read('Dockerfile').match(/^ENV .*/m)![0], /([A-Z_]+)=/g), 'SIMULATOR', 'DEMO_PASSWORD'];

test('an installation by compose is given every setting that production has', () => {
  const { services } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string> }>;
  };
  expect(variables.length).toBeGreaterThan(15);
  for (const name of ['web1', 'web2', 'worker'])
    expect(Object.keys(services[name]!.environment!).sort()).toEqual(
      variables.filter((one) => !elsewhere.includes(one)).sort(),
    );
});

test('.env.example has a line for everything that compose.yaml asks for, and for nothing else', () => {
  const asked = new Set(found(read('compose.yaml'), /\$\{([A-Z_]+)/g));
  expect(found(read('.env.example'), /^([A-Z_]+)=/gm).sort()).toEqual([...asked].sort());
});

test('docs/configuration.md lists every setting', () => {
  const listed = found(read('docs/configuration.md'), /^\| (`[A-Z_`、]+`) \|/gm).flatMap((cell) =>
    found(cell, /`([A-Z_]+)`/g),
  );
  expect(listed.sort()).toEqual([...variables].sort());
});

test('the proxy lets through the largest file that any route takes', () => {
  const routes = loadServices().flatMap(({ staffRoutes = [], citizenRoutes = [] }) => [
    ...staffRoutes,
    ...citizenRoutes,
  ]);
  const largest = Math.max(...routes.map(({ upload }) => upload?.mostBytes ?? 0));
  const [mebibytes] = found(read('deploy/Caddyfile'), /^\s*max_size (\d+)MiB$/gm);
  expect(largest).toBeGreaterThan(0);
  expect(Number(mebibytes) * 1024 * 1024).toBeGreaterThan(largest);
});

test('docs/going-live.md says of every role what it is for', () => {
  expect(found(read('docs/going-live.md'), /^\| `(\w+)` \S+ \|/gm).sort()).toEqual([...staffRoles].sort());
});
