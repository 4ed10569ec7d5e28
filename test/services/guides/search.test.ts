import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { stands } from '../../../src/dialogue/search/ranked';
import { searchParameters, searchStatement } from '../../../src/dialogue/search/statement';
import { wordsAsked } from '../../../src/dialogue/search/words';
import { readGuideFiles } from '../../../src/services/guides/files';
import { loadGuides } from '../../../src/services/guides/load';
import { matters as corpus, searchMatters } from '../../../src/services/guides/search';
import { fillerMatters } from './filler';
import { type GuidesDatabase, openGuidesDatabase, shipped } from './guides-database';

const read = <T>(name: string) => parse(readFileSync(path.join(__dirname, name), 'utf8')) as T;
const questions = read<{ q: string; want: string | string[] }[]>('questions.yaml');
const nonsense = read<string[]>('nonsense.yaml');

let at: GuidesDatabase;
beforeAll(async () => {
  at = await openGuidesDatabase();
  await loadGuides(readGuideFiles(shipped), 'demo', at);
});
afterAll(() => at?.close());

const keysFor = async (text: string) => (await searchMatters(text, 5, at.db)).map(({ key }) => key);

test('a citizen who lost the identity card is shown how to get another, and that alone', async () => {
  const found = await searchMatters('身份证丢了咋办', 5, at.db);
  expect(found[0]).toMatchObject({ key: 'id-card-replace', title: '补领居民身份证', office: '户政' });
  expect(stands(found)).toBe(true);
});

test.each([
  ['身份证', ['id-card-replace', 'id-card-renew', 'id-card-first', 'id-card-temporary']],
  ['护照', ['passport-first', 'passport-renew', 'passport-replace']],
  ['通行证', ['hk-macao-permit', 'taiwan-permit']],
])('「%s」 alone may mean several matters, so there is a list', async (text, among) => {
  const found = await searchMatters(text, 5, at.db);
  expect(stands(found)).toBe(false);
  expect(found.map(({ key }) => key)).toEqual(expect.arrayContaining(among));
});

test('of the citizens’ questions at least 95 in 100 find their matter among the first three', async () => {
  const missed: string[] = [];
  for (const { q, want } of questions) {
    const first = (await keysFor(q)).slice(0, 3);
    if (![want].flat().some((key) => first.includes(key))) missed.push(q);
  }
  expect({ missed, share: missed.length / questions.length <= 0.05 }).toMatchObject({ share: true });
});

test.each(nonsense)('「%s」 finds nothing', async (text) => {
  expect(await keysFor(text)).toEqual([]);
});

test('a title as it is written finds its matter first', async () => {
  const { matters } = readGuideFiles(shipped);
  const wrong: string[] = [];
  for (const { title, key } of matters) if ((await keysFor(title))[0] !== key) wrong.push(title);
  expect(wrong).toEqual([]);
});

test('width, case and blanks do not matter, and a very long text is cut instead of refused', async () => {
  expect((await keysFor('ＣＴ 片子 在哪拿'))[0]).toBe('imaging-report');
  expect((await keysFor('ct片子在哪拿'))[0]).toBe('imaging-report');
  expect((await keysFor(`身份证丢了咋办${'好'.repeat(5000)}`))[0]).toBe('id-card-replace');
});

test('among thousands of matters the search goes through the index and still finds the right one', async () => {
  const own = await openGuidesDatabase();
  try {
    const files = readGuideFiles(shipped);
    await loadGuides(
      { ...files, matters: [...files.matters, ...fillerMatters(5000)], fingerprint: 'many' },
      'import',
      own,
    );
    await own.db.query('ANALYZE guides_matters');
    const asked = wordsAsked('身份证丢了咋办');
    const plan = await own.db.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${searchStatement(corpus)}`,
      searchParameters(asked),
    );
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(lines).toContain('guides_matters_search');
    expect(lines).not.toContain('Seq Scan on guides_matters');
    expect((await searchMatters('身份证丢了咋办', 5, own.db))[0]?.key).toBe('id-card-replace');
  } finally {
    await own.close();
  }
});
