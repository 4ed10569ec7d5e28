const stepMillis = 0.05;
const steps = 240_000;

/** Latencies up to 12 s in steps of 0.05 ms: adding one is a single write, so that measuring costs next to nothing. */
export function createHistogram() {
  const counts = new Uint32Array(steps);
  let total = 0;
  let longest = 0;
  return {
    add(millis: number): void {
      counts[Math.min(steps - 1, Math.floor(millis / stepMillis))]!++;
      total++;
      if (millis > longest) longest = millis;
    },
    clear(): void {
      counts.fill(0);
      total = 0;
      longest = 0;
    },
    count: () => total,
    longest: () => longest,
    /** The latency that this share (0 to 1) of them did not exceed, in milliseconds. */
    quantile(share: number): number {
      const rank = Math.max(1, Math.ceil(total * share));
      let seen = 0;
      for (let step = 0; step < steps; step++) {
        seen += counts[step]!;
        if (seen >= rank) return (step + 1) * stepMillis;
      }
      return longest;
    },
  };
}
