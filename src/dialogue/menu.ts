import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { StartupError } from '../platform/startup-error';

const leaf = z.strictObject({
  name: z.string().min(1),
  /** opens a service: `<service>` or `<service>.<name>`, or a text of the dialogue's own */
  key: z.string().optional(),
  url: z.string().optional(),
  /** left out where this service is not installed */
  service: z.string().optional(),
});
const button = leaf.extend({ children: z.array(leaf).max(5).optional() });
const menu = z.array(button).min(1).max(3);

export type MenuLeaf = { name: string; key?: string; url?: string };
export type MenuButton = MenuLeaf & { children: MenuLeaf[] };

/**
 * The default menu as it stands in templates/menu.yaml, without what belongs to services that are not installed.
 * @throws StartupError that says what is wrong with the file
 */
export function readMenu(file: string, installed: ReadonlySet<string>, publicUrl: string): MenuButton[] {
  const parsed = menu.safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new StartupError(`菜单 ${file} 有误：${z.prettifyError(parsed.error)}`);
  const present = ({ service }: z.infer<typeof leaf>) => service === undefined || installed.has(service);
  const toLeaf = ({ name, key, url }: z.infer<typeof leaf>): MenuLeaf => ({
    name,
    key,
    url: url?.replaceAll(/\{\{\s*publicUrl\s*\}\}/g, publicUrl),
  });
  return parsed.data
    .filter(present)
    .map((one) => ({ ...toLeaf(one), children: (one.children ?? []).filter(present).map(toLeaf) }))
    .filter(({ key, url, children }) => key !== undefined || url !== undefined || children.length > 0);
}

/** The menu of one account: its pages for citizens are told whose they are. */
export const menuOf = (menu: MenuButton[], account: string): MenuButton[] =>
  menu.map((button) => ({
    ...ofAccount(button, account),
    children: button.children.map((leaf) => ofAccount(leaf, account)),
  }));

const ofAccount = <Leaf extends MenuLeaf>(leaf: Leaf, account: string): Leaf => ({
  ...leaf,
  url: leaf.url?.replaceAll(/\{\{\s*account\s*\}\}/g, account),
});

/** Keys of the dialogue's own, and the texts they show. */
export const ownKeys: Record<string, string> = { help: 'dialogue.help', contact: 'dialogue.contact' };

/** Every key that a tap can send. */
export const keysOf = (buttons: MenuButton[]): string[] =>
  buttons
    .flatMap(({ key, children }) => [key, ...children.map((child) => child.key)])
    .filter((key) => key !== undefined);
