/** A small seeded generator (mulberry32): the same cases in every run, on every machine. */
export type Random = { below(n: number): number; one<T>(of: readonly T[]): T; chance(percent: number): boolean };

// Taken once: inside jest every look at a global is slow, and these are called millions of times.
const { imul, floor } = Math;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = imul(state ^ (state >>> 15), state | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number): number => floor(next() * n);
  return { below, one: (of) => of[below(of.length)]!, chance: (percent) => below(100) < percent };
}
