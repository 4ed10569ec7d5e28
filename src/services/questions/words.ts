/**
 * What a text can be found by: every two neighbouring characters of Chinese, and words of letters and digits. Unlike words of a
 * dictionary these find any part of a text that staff remember (a street, a person's wording), and need no dictionary in memory.
 */
export function termsOf(text: string): string[] {
  const terms = new Set<string>();
  for (const run of runsOf(text)) {
    if (!han.test(run)) terms.add(run);
    else for (const pair of pairs(run)) terms.add(pair);
  }
  return [...terms].slice(0, most);
}

/** The same for what is looked for, as a tsquery; undefined where nothing of it can be looked for. */
export function queryOf(text: string): string | undefined {
  const parts = runsOf(text).flatMap((run) => {
    const characters = [...run];
    if (!han.test(run)) return [`'${run}':*`];
    return characters.length === 1
      ? [`'${run}':*`]
      : pairs(run)
          .slice(0, -1)
          .map((pair) => `'${pair}'`);
  });
  return parts.length > 0 ? [...new Set(parts)].slice(0, 30).join(' & ') : undefined;
}

const most = 1000;
const han = /^\p{Script=Han}/u;

/** Stretches of Chinese, and of letters and digits; nothing else, so that no quoting is needed. */
const runsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/\p{Script=Han}+|[a-z0-9]+/gu) ?? [];

/** 「社保卡」: 社保 保卡 卡 — the last one alone, so that a single character is found as a beginning. */
function pairs(run: string): string[] {
  const characters = [...run];
  return characters.map((one, at) => one + (characters[at + 1] ?? ''));
}
