import type { Context } from 'koa';
import type { Origin } from './sessions';

type Cookies = Context['cookies'];

export const originOf = ({ request }: Cookies, address: string): Origin => ({
  address,
  agent: shortAgent(request.headers['user-agent'] ?? ''),
});

/** Our page says so of itself. It keeps the refresh token where scripts cannot read it, and must not be handed it besides. */
export const fromOurPage = ({ request }: Cookies): boolean => request.headers['x-requested-with'] === 'weiban-console';

/** What a person needs to know their own device again: `Chrome 131 · Windows`; of a program its first word. */
function shortAgent(agent: string): string {
  const browser = browsers.map(([name, form]) => [name, form.exec(agent)?.[1]] as const).find(([, found]) => found);
  const system = systems.find(([, form]) => form.test(agent))?.[0];
  if (!browser && !system) return /^[\x21-\x7e]{1,60}/.exec(agent)?.[0] ?? '未知程序';
  return [browser ? `${browser[0]} ${browser[1]}` : '浏览器', system].filter(Boolean).join(' · ');
}

// Each calls itself by the names of those before it, so the most particular first.
const browsers: [string, RegExp][] = [
  ['微信', /MicroMessenger\/(\d+)/],
  ['360 浏览器', /QihooBrowser\/(\d+)/],
  ['Edge', /Edg\/(\d+)/],
  ['Firefox', /Firefox\/(\d+)/],
  ['Chrome', /Chrome\/(\d+)/],
  ['Safari', /Version\/(\d+).*Safari/],
];
const systems: [string, RegExp][] = [
  ['HarmonyOS', /HarmonyOS|OpenHarmony/],
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
];
