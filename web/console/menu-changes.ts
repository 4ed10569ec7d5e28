import type { MenuButton, MenuLeaf } from './types';

export type MenuChange = { kind: 'added' | 'removed'; words: string };

/** What citizens will find new and what they will miss when the planned menu takes the published one's place. */
export function menuChanges(planned: MenuButton[], published: MenuButton[]): MenuChange[] {
  const [fresh, old] = [linesOf(planned), linesOf(published)];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((words) => ({ kind: 'removed' as const, words })),
    ...fresh.filter((line) => !old.includes(line)).map((words) => ({ kind: 'added' as const, words })),
  ];
}

export const whatItDoes = ({ type, value }: MenuLeaf) =>
  type === 'view' ? `打开网页 ${value}` : value ? `打开服务 ${value}` : '展开下级菜单';

const linesOf = (menu: MenuButton[]): string[] =>
  menu.flatMap((button) =>
    button.children.length === 0
      ? [`${button.name}：${whatItDoes(button)}`]
      : button.children.map((child) => `${button.name} › ${child.name}：${whatItDoes(child)}`),
  );
