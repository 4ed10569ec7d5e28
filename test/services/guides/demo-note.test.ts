import { readGuideFiles } from '../../../src/services/guides/files';
import { loadGuides } from '../../../src/services/guides/load';
import { anyone, startTestServer, type TestServer } from '../../support/server';
import { shipped } from './guides-database';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

/** A matter, its steps and a common question. */
async function answers(): Promise<string[]> {
  const openid = anyone();
  const tell = async (click: string) => {
    await server.act(openid, { click });
    return (await server.say(openid, '1'))[0] ?? '';
  };
  return [await tell('guides.hot'), await tell('guides.do'), await tell('guides.faq')];
}

test('demo data says so once in each answer; a city’s own says nothing of the kind', async () => {
  for (const answer of await answers()) expect(answer.match(/示例数据/g)).toHaveLength(1);
  expect(await loadGuides(readGuideFiles(shipped), 'import', server.deps.serviceDeps)).toBe(true);
  for (const answer of await answers()) expect(answer).not.toContain('示例数据');
});

test('more common questions than a message holds are listed page by page', async () => {
  const files = readGuideFiles(shipped);
  const faq = Array.from({ length: 20 }, (_, n) => ({
    question: `常问的第 ${n + 1} 件`,
    answer: `答第 ${n + 1} 件。`,
  }));
  await loadGuides({ ...files, faq, fingerprint: 'many questions' }, 'import', server.deps.serviceDeps);
  const openid = anyone();
  const { replies } = await server.act(openid, { click: 'guides.faq' });
  expect(replies[0]?.content).toContain('14. 常问的第 14 件\n15. 更多……');
  expect((await server.say(openid, '15'))[0]).toContain('1. 常问的第 15 件');
  expect((await server.say(openid, '6'))[0]).toContain('答第 20 件。');
});
