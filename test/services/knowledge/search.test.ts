import path from 'node:path';
import { demoOrganisations } from '../../../src/console/demo-people';
import { searchParameters, searchStatement } from '../../../src/dialogue/search/statement';
import { wordsAsked } from '../../../src/dialogue/search/words';
import { addOrganisation, ensureRootOrganisation, organisationByKey } from '../../../src/people/organisations';
import { loadEntries, readEntryFiles } from '../../../src/services/knowledge/load';
import { reindexIfStale } from '../../../src/services/knowledge/publish';
import { entries as corpus, searchEntries } from '../../../src/services/knowledge/search';
import { type GuidesDatabase, openGuidesDatabase } from '../guides/guides-database';
import { fillerEntries } from './filler';
import { paraphrases } from './paraphrases';

let at: GuidesDatabase;
let root: number;
beforeAll(async () => {
  at = await openGuidesDatabase();
  root = (await ensureRootOrganisation(at.db, at.clock)).id;
  for (const organisation of demoOrganisations) await addOrganisation(at.db, organisation, at.clock);
  await loadEntries(readEntryFiles(path.join(__dirname, '../../../src/services/knowledge/entries')), at);
});
afterAll(() => at?.close());

const titles = async (text: string, organisation = root) =>
  (await searchEntries(text, organisation, 5, at.db)).map(({ title }) => title);

test('there are entries and questions enough to say something, and no question is an entry’s own', () => {
  const filed = readEntryFiles(path.join(__dirname, '../../../src/services/knowledge/entries'));
  const said = new Set(filed.flatMap(({ question, aliases }) => [question, ...aliases]));
  const asked = paraphrases();
  expect(filed.length).toBeGreaterThanOrEqual(120);
  expect(asked.length).toBeGreaterThanOrEqual(200);
  expect(asked.filter(({ q }) => said.has(q))).toEqual([]);
  const known = new Set(filed.map(({ question }) => question));
  expect(asked.flatMap(({ want }) => want).filter((one) => !known.has(one))).toEqual([]);
});

test('of the citizens’ questions at least nine in ten find their entry among the first three', async () => {
  const asked = paraphrases();
  let found = 0;
  for (const { q, want } of asked) if ((await titles(q)).slice(0, 3).some((title) => want.includes(title))) found++;
  expect(found / asked.length).toBeGreaterThanOrEqual(0.9);
});

test('an account of a house finds that house’s alone', async () => {
  const police = await organisationByKey(at.db, 'police');
  expect(await titles('娃儿打疫苗去哪')).toContain('儿童打疫苗去哪里');
  expect(await titles('娃儿打疫苗去哪', police!.id)).toEqual([]);
  expect(await titles('身份证丢在外地了', police!.id)).toContain('身份证丢了人在外地能补吗');
});

test('loaded again nothing changes; an index made with other words is made anew', async () => {
  await loadEntries(readEntryFiles(path.join(__dirname, '../../../src/services/knowledge/entries')), at);
  const [{ entries } = { entries: 0 }] = await at.db.query<{ entries: number }>(
    'SELECT entries FROM knowledge_catalogue',
  );
  expect(entries).toBe(readEntryFiles(path.join(__dirname, '../../../src/services/knowledge/entries')).length);
  expect(await reindexIfStale(at)).toBe(false);
  await at.db.query(`UPDATE knowledge_catalogue SET lexicon = 'an older one'`);
  await at.db.query(`UPDATE knowledge_published SET search = ''`);
  expect(await titles('钥匙忘屋头了找谁开门')).toEqual([]);
  expect(await reindexIfStale(at)).toBe(true);
  expect((await titles('钥匙忘屋头了找谁开门'))[0]).toBe('钥匙锁在家里怎么开锁');
});

test('among thousands of entries the search goes through the index and still finds the right one', async () => {
  await loadEntries(fillerEntries(5000), at);
  const plan = await at.db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${searchStatement(corpus)}`, [
    ...searchParameters(wordsAsked('身份证丢了咋办')),
    root,
  ]);
  const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(lines).toContain('knowledge_published_search');
  expect(lines).not.toContain('Seq Scan on knowledge_published');
  expect((await titles('人在外省打工身份证掉了咋补'))[0]).toBe('身份证丢了人在外地能补吗');
  // A word that means the same as one in hundreds of them: whoever has the very word comes first.
  expect((await titles('卖车过户我不去行不行')).slice(0, 3)).toContain('二手车过户要本人去吗');
});
