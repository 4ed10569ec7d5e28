import { readFileSync } from 'node:fs';

type Node = { id: number; callFrame: { functionName: string; url: string }; children?: number[] };
type Profile = { nodes: Node[]; samples: number[]; timeDeltas: number[] };

/**
 * A profile of V8's as shares of the time in which the process was not idle. What Node does itself (streams, sockets, HTTP)
 * counts for whoever called it; `place` says whose file a script is, or 'idle' for what shall not count.
 */
export function summarise(file: string, place: (url: string) => string): Map<string, number> {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owner = new Map<number, string>();
  const settle = (node: Node, inherited: string) => {
    const name = ownerOf(node, inherited, place);
    owner.set(node.id, name);
    for (const child of node.children ?? []) settle(byId.get(child)!, name);
  };
  settle(nodes[0]!, 'node');
  const spent = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = owner.get(id)!;
    if (name !== 'idle') spent.set(name, (spent.get(name) ?? 0) + timeDeltas[i]!);
  });
  const total = [...spent.values()].reduce((sum, time) => sum + time, 0);
  return new Map([...spent].sort(([, one], [, other]) => other - one).map(([name, time]) => [name, time / total]));
}

function ownerOf(
  { callFrame: { functionName, url } }: Node,
  inherited: string,
  place: (url: string) => string,
): string {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(program)') return 'node, native';
  if (url === '' || url.startsWith('node:')) return inherited;
  return place(url);
}
