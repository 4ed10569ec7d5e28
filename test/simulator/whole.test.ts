import { startTestServer, type TestServer } from '../support/server';

/** The simulator against the real callback: each is the other's witness. */
describe.each(['plain', 'compat', 'safe'])('the whole server in %s mode', (mode) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ env: { WECHAT_MODE: mode }, services: [] });
  });
  afterAll(() => server.stop());

  it.each([
    ['follows', { event: 'subscribe' }],
    ['writes', { text: '你好，]]> 😀' }],
    ['taps an old menu', { click: 'gone.long.ago' }],
    ['speaks', { voice: '补办身份证' }],
    ['sends a place', { location: { latitude: 39.9, longitude: 116.4, label: '城东' } }],
    ['sends a picture', { image: 'http://127.0.0.1:1/x.jpg' }],
  ])('who %s gets an answer that the platform can show', async (_name, form) => {
    const told = await server.act('li', form);
    expect(told).toMatchObject({ status: 200, attempts: 1 });
    expect(told.replies.map(({ type }) => type)).not.toContain('notice');
    expect(told.replies).not.toHaveLength(0);
  });

  it('leaves a trace in which both sides can be read', async () => {
    await server.act('wang', { text: '帮助' });
    const { traces } = (await (await fetch(`${server.url}/simulator/traces/demo/wang?limit=1`)).json()) as {
      traces: { plainXml: string; plainResponseXml: string; requestXml: string; error: string | null }[];
    };
    expect(traces[0]).toMatchObject({ error: null, status: 200, mode });
    expect(traces[0]!.plainXml).toContain('帮助');
    expect(traces[0]!.plainResponseXml).toContain('<MsgType>');
    expect(traces[0]!.requestXml.includes('<Encrypt>')).toBe(mode !== 'plain');
  });
});
