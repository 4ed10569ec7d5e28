import { openStand, replyText } from './stand';

/** Reads server-sent events until `enough` of them are there. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async () => {
    const { value, done } = await reader.read();
    if (done) throw new Error('the stream ended');
    text += value;
  };
  while (!text.includes('\n\n')) await next();
  return {
    type: response.headers.get('content-type'),
    events: async (enough: number) => {
      const found = () =>
        [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, event, data]) => ({
          event,
          data: JSON.parse(data!),
        }));
      while (found().length < enough) await next();
      return found();
    },
    ended: async () => {
      for (;;) if ((await reader.read()).done) return true;
    },
    stop: () => abort.abort(),
  };
}

describe('the live page', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());

  it('sees both sides of one chat, the menu and the clock, also from another process', async () => {
    const other = await stand.another();
    const live = await listen(`${stand.base}/simulator/live?account=demo&openid=li`);
    expect(live.type).toContain('text/event-stream');
    stand.callback.answers((request) => replyText(request, '您好'));
    await other.act('someone-else', { text: '不是我' });
    await other.act('li', { text: '你好' });
    await other.api('cgi-bin/menu/create', { button: [{ type: 'click', name: '办', key: 'k' }] });
    // The menu and the clock are told by ways of their own: neither waits for the other.
    await live.events(3);
    await other.advance(60);
    const events = await live.events(4);
    expect(events.map(({ event }) => event)).toEqual(['chat', 'chat', 'menu', 'clock']);
    expect(events[0]!.data).toMatchObject({
      account: 'demo',
      openid: 'li',
      message: { from: 'citizen', content: '你好' },
    });
    expect(events[1]!.data.message).toMatchObject({ from: 'account', content: '您好' });
    expect((await stand.get('clock')).offset).toBe(60);
    live.stop();
  });

  it('catches up with what it missed', async () => {
    stand.callback.answers(() => ({}));
    await stand.act('gap', { text: '一' });
    const [first] = await stand.chat('gap');
    await stand.act('gap', { text: '二' });
    const live = await listen(`${stand.base}/simulator/live?account=demo&openid=gap`, {
      'last-event-id': String(first!.id),
    });
    expect((await live.events(1))[0]!.data.message.content).toBe('二');
    live.stop();
  });

  it('counts what was not read yet', async () => {
    stand.callback.answers(() => ({}));
    await stand.act('reader', { text: '你好' });
    await stand.api('cgi-bin/message/custom/send', { touser: 'reader', msgtype: 'text', text: { content: '您好' } });
    const unread = async () =>
      (await stand.get('citizens/demo')).citizens.find(({ openid }: { openid: string }) => openid === 'reader')!.unread;
    expect(await unread()).toBe(1);
    await stand.chat('reader');
    expect(await unread()).toBe(0);
  });

  it('ends when the simulator closes', async () => {
    const other = await stand.another();
    const live = await listen(`${other.base}/simulator/live?account=demo`);
    await other.simulator.close();
    expect(await live.ended()).toBe(true);
  });
});
