import { openStand, replyText } from './stand';

describe('faults on demand', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());
  afterEach(async () => {
    stand.callback.answers(() => ({}));
    await fetch(`${stand.base}/simulator/faults`, { method: 'DELETE' });
  });
  const ips = async () => (await stand.api('cgi-bin/getcallbackip')).errcode ?? 0;
  const send = (touser: string) =>
    stand.api('cgi-bin/message/custom/send', { touser, msgtype: 'text', text: { content: '好' } });
  const bubbles = async (openid: string) => (await stand.chat(openid)).filter(({ via }) => via === 'custom').length;

  it.each([
    ['busy', -1],
    ['40001', 40001],
    ['45009', 45009],
    [42001, 42001],
  ])('%s answers as the platform does, so many times', async (kind, errcode) => {
    await stand.api('cgi-bin/getcallbackip');
    await stand.fault({ api: 'getcallbackip', kind, times: 2 });
    expect([await ips(), await ips(), await ips()]).toEqual([errcode, errcode, 0]);
  });

  it('strike at a rate, and with the same seed strike the same calls', async () => {
    const run = async (seed: number) => {
      await stand.fault({ api: 'getcallbackip', kind: 'busy', rate: 0.4, seed });
      const told = [];
      for (let i = 0; i < 30; i++) told.push(await ips());
      await fetch(`${stand.base}/simulator/faults`, { method: 'DELETE' });
      return told;
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([0, -1]));
  });

  it('a dropped call breaks off before it takes effect, or after', async () => {
    await stand.act('drop', { text: '你好' });
    await stand.fault({ api: 'message/custom/send', kind: 'drop', times: 1 });
    await expect(send('drop')).rejects.toThrow('fetch failed');
    expect(await bubbles('drop')).toBe(0);
    await stand.fault({ api: 'message/custom/send', kind: 'drop-after', times: 1 });
    await expect(send('drop')).rejects.toThrow('fetch failed');
    expect(await bubbles('drop')).toBe(1);
    expect((await stand.get('sends/demo/drop')).sends).toHaveLength(1);
  });

  it('a repeated call takes effect twice', async () => {
    await stand.act('twice', { text: '你好' });
    await stand.fault({ api: true, kind: 'repeat', times: 1 });
    expect((await send('twice')).errcode).toBe(0);
    expect(await bubbles('twice')).toBe(2);
  });

  it('a held call lets the next one pass', async () => {
    await stand.act('order', { text: '你好' });
    await stand.fault({ api: 'message/custom/send', kind: 'reorder', times: 1, ms: 20_000 });
    const first = stand.api('cgi-bin/message/custom/send', {
      touser: 'order',
      msgtype: 'text',
      text: { content: '先' },
    });
    await untilFired(1);
    await stand.api('cgi-bin/message/custom/send', { touser: 'order', msgtype: 'text', text: { content: '后' } });
    await first;
    const texts = (await stand.chat('order')).filter(({ via }) => via === 'custom').map(({ content }) => content);
    expect(texts).toEqual(['后', '先']);
  });

  it('pushes are held up, lost, lost after arriving, doubled and overtaken', async () => {
    await stand.fault({ push: 'text', kind: 'drop', times: 1 });
    stand.callback.answers((request) => replyText(request, '好'));
    expect(await stand.act('pushed', { text: '1' })).toMatchObject({ attempts: 2, replies: [{ content: '好' }] });
    expect(stand.callback.received).toHaveLength(1);

    await stand.fault({ push: 'text', kind: 'drop-after', times: 1 });
    stand.callback.answers((request) => replyText(request, '好'));
    expect(await stand.act('pushed', { text: '2' })).toMatchObject({ attempts: 2, replies: [{ content: '好' }] });
    expect(stand.callback.received).toHaveLength(2);

    await stand.fault({ push: true, kind: 'repeat', times: 1 });
    stand.callback.answers((request) => replyText(request, '好'));
    expect((await stand.act('pushed', { text: '3' })).replies).toHaveLength(1);
    expect(new Set(stand.callback.received.map(({ body }) => body)).size).toBe(1);
    expect(stand.callback.received).toHaveLength(2);

    await stand.fault({ push: 'click', kind: 'reorder', times: 1, ms: 20_000 });
    stand.callback.answers(() => ({}));
    const held = stand.act('pushed', { click: 'first' });
    await untilFired(4);
    await stand.act('pushed', { text: 'second' });
    await held;
    expect(stand.callback.received.map(({ body }) => body.includes('second'))).toEqual([true, false]);
  });

  it('one push is held up while the next is not', async () => {
    await stand.fault({ push: 'click', kind: 'latency', ms: 1500, times: 1 });
    const late = stand.act('pushed', { click: 'first' });
    await untilFired(1);
    await stand.act('pushed', { text: 'second' });
    await late;
    expect(stand.callback.received.map(({ body }) => body.includes('second'))).toEqual([true, false]);
  });

  it('a doubled push may come while the first is under way', async () => {
    await stand.fault({ push: true, kind: 'repeat', times: 1, ms: 1 });
    let both: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      both = resolve;
    });
    stand.callback.answers(async (_request, turn) => {
      if (turn === 2) both();
      await arrived;
      return {};
    });
    expect(await stand.act('pushed', { text: '同时' })).toMatchObject({ status: 200, attempts: 1 });
    expect(stand.callback.received).toHaveLength(2);
  });

  it.each([
    [{ kind: 'busy' }, 'api 与 push'],
    [{ api: true, push: true, kind: 'busy' }, 'api 与 push'],
    [{ push: true, kind: '40001' }, '推送'],
    [{ api: true, kind: 'quota' }, 'limit'],
    [{ api: true, kind: 'busy', times: 1, rate: 0.5 }, 'times 与 rate'],
    [{ api: true, kind: 'gremlins' }, 'kind'],
  ])('%j is refused', async (fault, words) => {
    expect((await stand.fault(fault)).error).toContain(words);
  });

  async function untilFired(n: number) {
    for (;;) {
      const { faults } = await stand.get('faults');
      if (faults.reduce((sum, { fired }) => sum + fired, 0) >= n) return;
    }
  }
});
