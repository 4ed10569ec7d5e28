import type { Organisation } from './types';

export type OrganisationNode = Organisation & { children: OrganisationNode[] };

/** As a tree; whose parent is not among them stands at the top. Parents come before children. */
export function branchesOf(all: readonly Organisation[]): OrganisationNode[] {
  const nodes = new Map<string, OrganisationNode>();
  const tops: OrganisationNode[] = [];
  for (const one of all) {
    const node = { ...one, children: [] };
    nodes.set(one.key, node);
    (one.parent === null ? tops : (nodes.get(one.parent)?.children ?? tops)).push(node);
  }
  return tops;
}

/** Each followed by what hangs on it; without one branch, and without those out of use. */
export function choicesOf(all: readonly Organisation[], but?: string): (Organisation & { within: string })[] {
  const left = new Set(but === undefined ? [] : [but]);
  const kept = all.filter(({ key, parent, disabled }) => {
    if (disabled || left.has(key) || left.has(parent ?? '')) left.add(key);
    return !left.has(key);
  });
  const inOrder = (nodes: OrganisationNode[], within: string): (Organisation & { within: string })[] =>
    nodes.flatMap((node) => [{ ...node, within }, ...inOrder(node.children, node.title)]);
  return inOrder(branchesOf(kept), '');
}
