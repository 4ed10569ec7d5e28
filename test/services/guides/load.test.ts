import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceDeps } from '../../../src/dialogue/service';
import { command } from '../../../src/services/guides/command';
import { readGuideFiles } from '../../../src/services/guides/files';
import { loadGuides, reindexIfStale } from '../../../src/services/guides/load';
import { searchMatters } from '../../../src/services/guides/search';
import { shelfOf } from '../../../src/services/guides/shelf';
import { type GuidesDatabase, openGuidesDatabase, shipped } from './guides-database';

let at: GuidesDatabase;
let folder: string;
beforeEach(async () => {
  at = await openGuidesDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'weiban-guides-'));
  mkdirSync(path.join(folder, 'matters'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await at?.close();
});

const count = async () => (await at.db.query<{ n: number }>('SELECT count(*)::int AS n FROM guides_matters'))[0]!.n;
const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
const library = (title = '办理借书证') => `
defaults:
  organisation: 某市图书馆
  office: 办证处
  officeKey: library
  hours: 周二至周日 9:00-17:00
  where: [{ name: 一楼服务台, address: 某市文化路 1 号 }]
  updated: 2026-11-01
matters:
  - { key: reader-card, title: ${title}, aliases: [借书证怎么办], summary: 办一张借书证。, materials: [{ name: 身份证 }], who: 本人, fee: 免费, duration: 当场, steps: [填表, 领卡] }
`;

test('what is shipped is whole: 73 matters of 11 offices, loaded once however many start at once', async () => {
  const files = readGuideFiles(shipped);
  const changed = await Promise.all([1, 2, 3].map(() => loadGuides(files, 'demo', at)));
  expect(changed.filter(Boolean)).toHaveLength(1);
  expect(await count()).toBe(73);
  expect(await shelfOf(at).offices()).toHaveLength(11);
  expect(await loadGuides(files, 'demo', at)).toBe(false);
});

test('a city’s own guides take the place of demo data, which does not come back; an edited file is seen', async () => {
  await loadGuides(readGuideFiles(shipped), 'demo', at);
  write('matters/library.yaml', library());
  const deps = at as unknown as ServiceDeps;
  expect(await command(['import', folder], deps)).toContain('已导入 1 个事项');
  expect(await command(['import', folder], deps)).toContain('已经是最新的');
  expect(await loadGuides(readGuideFiles(shipped), 'demo', at)).toBe(false);
  expect(await count()).toBe(1);
  expect(await shelfOf(at).catalogue()).toEqual({ demo: false, matters: 1 });
  expect((await searchMatters('借书证怎么办理', 5, at.db)).map(({ key }) => key)).toEqual(['reader-card']);

  write('matters/library.yaml', library('换发借书证'));
  await command(['import', folder], deps);
  expect((await searchMatters('借书证', 5, at.db)).map(({ title }) => title)).toEqual(['换发借书证']);
});

test('every process forgets what it has read when the guides change', async () => {
  await loadGuides(readGuideFiles(shipped), 'demo', at);
  const shelf = shelfOf(at);
  expect((await shelf.matter('id-card-replace'))?.title).toBe('补领居民身份证');
  const told = new Promise<void>((resolve) => void at.events.subscribe('guides', () => resolve()));
  write('matters/library.yaml', library());
  await loadGuides(readGuideFiles(folder), 'import', at);
  await told;
  expect(await shelf.matter('id-card-replace')).toBeUndefined();
  expect((await shelf.matter('reader-card'))?.title).toBe('办理借书证');
});

test('an index made with other words is made anew', async () => {
  await loadGuides(readGuideFiles(shipped), 'demo', at);
  expect(await reindexIfStale(at)).toBe(false);
  await at.db.query(`UPDATE guides_catalogue SET lexicon = 'an older one'`);
  await at.db.query(`UPDATE guides_matters SET search = ''`);
  expect(await reindexIfStale(at)).toBe(true);
  expect((await searchMatters('身份证丢了咋办', 5, at.db))[0]?.key).toBe('id-card-replace');
  expect(await reindexIfStale(at)).toBe(false);
});

test('all faults of a folder are named at once, with file, matter and field', () => {
  expect(() => readGuideFiles(folder)).toThrow('里没有办事指南');
  write('matters/a.yaml', library().replace('fee: 免费, ', '').replace('reader-card', 'Reader Card'));
  write('matters/b.yaml', 'matters: [');
  write('faq.yaml', '- { question: 可以续借吗, answer: 可以。, matter: renewal }');
  expect(() => readGuideFiles(folder)).toThrow(
    /matters\/a\.yaml 第 1 项（办理借书证）：key .*；fee [\s\S]*matters\/b\.yaml：不是正确的 YAML[\s\S]*「可以续借吗」引用的事项 renewal 不存在/,
  );
});

test('a matter twice, and an office with two names, are refused', () => {
  write('matters/a.yaml', library());
  write('matters/b.yaml', library().replace('办证处', '总服务台'));
  expect(() => readGuideFiles(folder)).toThrow(
    /事项 reader-card 出现了两次[\s\S]*部门 library 有两个名称：办证处、总服务台/,
  );
});
