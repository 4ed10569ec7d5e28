export type Piece = { kind: 'same' | 'gone' | 'new'; text: string };

/** What became of a text: pieces that stayed, went and came, by characters of Chinese and words of the rest. */
export function difference(before: string, after: string): Piece[] {
  const [old, now] = [partsOf(before), partsOf(after)];
  const common = longestCommon(old, now);
  const pieces: Piece[] = [];
  const put = (kind: Piece['kind'], text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let [at, to] = [0, 0];
  while (at < old.length || to < now.length) {
    if (at < old.length && to < now.length && old[at] === now[to]) {
      put('same', old[at++]!);
      to++;
    } else if (to >= now.length || (at < old.length && common(at + 1, to) >= common(at, to + 1)))
      put('gone', old[at++]!);
    else put('new', now[to++]!);
  }
  return pieces;
}

const partsOf = (text: string): string[] => text.match(/[\p{Script=Latin}\p{N}.]+|\s+|./gsu) ?? [];

/** How many parts the rests of both from two places on have in common, in order. */
function longestCommon(old: string[], now: string[]): (at: number, to: number) => number {
  const width = now.length + 1;
  const table = new Uint16Array((old.length + 1) * width);
  for (let at = old.length - 1; at >= 0; at--)
    for (let to = now.length - 1; to >= 0; to--)
      table[at * width + to] =
        old[at] === now[to]
          ? table[(at + 1) * width + to + 1]! + 1
          : Math.max(table[(at + 1) * width + to]!, table[at * width + to + 1]!);
  return (at, to) => table[at * width + to]!;
}
