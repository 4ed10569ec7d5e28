import type { MenuButton, MenuLeaf } from './types';

export type MenuChange = { kind: 'added' | 'removed'; words: string };

/** What citizens will find new and what they will miss when the planned menu takes the published one's place. */
export function menuChanges(planned: MenuButton[], published: MenuButton[]): MenuChange[] {
  const [fresh, old] = [linesOf(planned), linesOf(published)];
  return [
    ...[...old].filter(([line]) => !fresh.has(line)).map(([, words]) => ({ kind: 'removed' as const, words })),
    ...[...fresh].filter(([line]) => !old.has(line)).map(([, words]) => ({ kind: 'added' as const, words })),
  ];
}

export const whatItDoes = ({ type, value, opens }: MenuLeaf) =>
  type === 'view'
    ? `打开网页 ${value}`
    : opens
      ? `打开「${opens}」`
      : value
        ? `已没有服务接它：${value}`
        : '展开下级菜单';

/** Each button in words, by what it is to the platform: two that open the same service differ by their keys alone. */
const linesOf = (menu: MenuButton[]): Map<string, string> =>
  new Map(
    menu.flatMap((button) =>
      button.children.length === 0
        ? [lineOf(button.name, button)]
        : button.children.map((child) => lineOf(`${button.name} › ${child.name}`, child)),
    ),
  );

const lineOf = (name: string, leaf: MenuLeaf): [line: string, words: string] => [
  `${name} ${leaf.type} ${leaf.value}`,
  `${name}：${whatItDoes(leaf)}`,
];
