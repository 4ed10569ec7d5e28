import { openStand } from './stand';

describe('the platform’s tokens', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeEach(async () => {
    stand = await openStand();
  });
  afterEach(() => stand.close());

  const plain = (changed = {}) => {
    const { appid, secret } = stand.account;
    return stand.get(
      `cgi-bin/token?${new URLSearchParams({ grant_type: 'client_credential', appid, secret, ...changed })}`,
    );
  };
  const stable = (changed = {}) => {
    const { appid, secret } = stand.account;
    return stand.post('cgi-bin/stable_token', { grant_type: 'client_credential', appid, secret, ...changed });
  };
  const use = async (token: string) => (await stand.get(`cgi-bin/getcallbackip?access_token=${token}`)).errcode ?? 0;

  it('end two hours later with 42001, and unknown ones are 40001', async () => {
    const { access_token, expires_in } = await plain();
    expect(expires_in).toBe(7200);
    expect(await use(access_token)).toBe(0);
    await stand.advance(7199);
    expect(await use(access_token)).toBe(0);
    await stand.advance(2);
    expect(await use(access_token)).toBe(42001);
    expect(await use('made-up')).toBe(40001);
    expect((await stand.get('cgi-bin/getcallbackip')).errcode).toBe(41001);
  });

  it('of the old kind supersede each other, with five minutes to change over', async () => {
    const first = (await plain()).access_token;
    const second = (await plain()).access_token;
    expect(second).not.toBe(first);
    expect(await use(first)).toBe(0);
    await stand.advance(301);
    expect(await use(first)).toBe(40001);
    expect(await use(second)).toBe(0);
  });

  it('of the stable kind are the same for everyone, until five minutes before their end', async () => {
    const first = await stable();
    await stand.advance(600);
    const again = await stable();
    expect(again.access_token).toBe(first.access_token);
    expect(Math.ceil(again.expires_in / 60)).toBe(110);
    await plain();
    expect(await use(first.access_token)).toBe(0);
    await stand.advance(6400);
    const second = await stable();
    expect(second.access_token).not.toBe(first.access_token);
    expect(await use(first.access_token)).toBe(0);
  });

  it('are forced anew at the price of the one before, twenty times a day', async () => {
    const first = await stable();
    await stand.advance(31);
    const second = await stable({ force_refresh: true });
    expect(second.access_token).not.toBe(first.access_token);
    expect(await use(first.access_token)).toBe(40001);
    expect((await stable({ force_refresh: true })).access_token).toBe(second.access_token);
    for (let i = 0; i < 18; i++) await stable({ force_refresh: true });
    expect((await stable({ force_refresh: true })).errcode).toBe(45009);
    expect((await stable()).access_token).toBe(second.access_token);
  });

  it('are refused to a wrong appid, secret or grant', async () => {
    expect((await plain({ appid: 'wxother' })).errcode).toBe(40013);
    expect((await plain({ secret: 'other' })).errcode).toBe(40125);
    expect((await plain({ grant_type: 'x' })).errcode).toBe(40002);
    expect((await stable({ secret: 'other' })).errcode).toBe(40125);
    expect((await stand.get('cgi-bin/stable_token')).errcode).toBe(43002);
  });

  it('count against the day’s quota, which ends at midnight in Beijing and can be cleared ten times a month', async () => {
    await stand.fault({ api: 'getcallbackip', kind: 'quota', limit: 2 });
    const call = async () => (await stand.api('cgi-bin/getcallbackip')).errcode ?? 0;
    expect([await call(), await call(), await call()]).toEqual([0, 0, 45009]);
    expect((await stand.api('cgi-bin/clear_quota', { appid: stand.account.appid })).errcode).toBe(0);
    expect([await call(), await call(), await call()]).toEqual([0, 0, 45009]);
    await stand.advance(86_400);
    stand.renew();
    expect(await call()).toBe(0);
    const codes = [];
    for (let i = 0; i < 11; i++)
      codes.push((await stand.api('cgi-bin/clear_quota', { appid: stand.account.appid })).errcode);
    expect(codes).toContain(48006);
  });

  it('come in compact JSON with a request id in every error', async () => {
    const response = await fetch(`${stand.base}/simulator/cgi-bin/getcallbackip?access_token=x`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; encoding=utf-8');
    expect(await response.text()).toMatch(
      /^\{"errcode":40001,"errmsg":"invalid credential[^"]* rid: [0-9a-f]+-[0-9a-f]{8}-[0-9a-f]{8}"\}$/,
    );
    expect((await stand.api('cgi-bin/not/there')).errcode).toBe(40066);
  });
});
