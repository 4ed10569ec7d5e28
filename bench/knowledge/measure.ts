/** A question and what should be among the first three hits. */
export type Wanted = { q: string; want: string[] };
type Search = (text: string) => Promise<string[]>;

/** How often what is wanted is found, how often nonsense is answered, and how long a search takes. */
export async function measure(questions: Wanted[], nonsense: string[], search: Search) {
  const times: number[] = [];
  const timed: Search = async (text) => {
    const start = performance.now();
    const found = await search(text);
    times.push(performance.now() - start);
    return found;
  };
  await search('身份证');
  let first = 0;
  const missed: string[] = [];
  for (const { q, want } of questions) {
    const at = (await timed(q)).findIndex((key) => want.includes(key));
    if (at === 0) first++;
    if (at < 0 || at > 2) missed.push(q);
  }
  let fooled = 0;
  for (const text of nonsense) if ((await timed(text)).length > 0) fooled++;
  times.sort((one, other) => one - other);
  const quantile = (share: number) => Number(times[Math.floor(share * (times.length - 1))]!.toFixed(2));
  return {
    missed,
    questions: questions.length,
    first: first / questions.length,
    recall: 1 - missed.length / questions.length,
    fooled: `${fooled}/${nonsense.length}`,
    p50: quantile(0.5),
    p99: quantile(0.99),
  };
}
export type Measured = Awaited<ReturnType<typeof measure>>;

export const shown = ({ questions, first, recall, fooled, p50, p99 }: Measured) => ({
  questions,
  'first hit': first.toFixed(3),
  'recall@3': recall.toFixed(3),
  'nonsense answered': fooled,
  'p50 ms': p50,
  'p99 ms': p99,
});
