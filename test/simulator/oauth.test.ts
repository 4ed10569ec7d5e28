import { openStand } from './stand';

describe('OAuth on the phone', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());

  /** Opens a page as the phone's browser does; gives the cookie it keeps. */
  const openPage = async (url: string, openid = 'li') => {
    const response = await fetch(
      `${stand.base}/simulator/h5?${new URLSearchParams({ account: 'demo', openid, url })}`,
      { redirect: 'manual' },
    );
    return {
      to: response.headers.get('location'),
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
      status: response.status,
    };
  };
  const authorize = async (changed: Record<string, string> = {}, cookie?: string) => {
    const query = new URLSearchParams({
      appid: stand.account.appid,
      redirect_uri: `${stand.base}/h5/?a=1#/cases`,
      response_type: 'code',
      scope: 'snsapi_base',
      state: 'st/1',
      ...changed,
    });
    const headers = { cookie: cookie ?? (await openPage('/h5/')).cookie };
    const response = await fetch(`${stand.base}/simulator/connect/oauth2/authorize?${query}`, {
      redirect: 'manual',
      headers,
    });
    return { location: response.headers.get('location'), page: await response.text() };
  };
  const newCode = async () => new URL((await authorize()).location!).searchParams.get('code')!;
  const exchange = (code: string, changed = {}) => {
    const { appid, secret } = stand.account;
    return stand.get(
      `sns/oauth2/access_token?${new URLSearchParams({ appid, secret, code, grant_type: 'authorization_code', ...changed })}`,
    );
  };

  it('leads back to the page with a code that gives the citizen', async () => {
    const { location } = await authorize();
    const target = new URL(location!);
    expect(`${target.origin}${target.pathname}${target.hash}`).toBe(`${stand.base}/h5/#/cases`);
    expect(Object.fromEntries(target.searchParams)).toEqual({ a: '1', code: expect.any(String), state: 'st/1' });
    expect(await exchange(target.searchParams.get('code')!)).toMatchObject({
      openid: 'li',
      scope: 'snsapi_base',
      expires_in: 7200,
    });
  });

  it('gives each code away once, also to two at the same time', async () => {
    const code = await newCode();
    const told = await Promise.all([exchange(code), exchange(code), exchange(code)]);
    expect(told.map(({ errcode }) => errcode ?? 0).sort()).toEqual([0, 40163, 40163]);
  });

  it('lets a code die after five minutes', async () => {
    const code = await newCode();
    await stand.advance(301);
    expect((await exchange(code)).errcode).toBe(40029);
    expect((await exchange('made-up')).errcode).toBe(40029);
  });

  it('checks appid and secret before it uses the code', async () => {
    const code = await newCode();
    expect((await exchange(code, { secret: 'x' })).errcode).toBe(40125);
    expect((await exchange(code, { appid: 'wxother' })).errcode).toBe(40013);
    expect((await exchange(code, { code: '' })).errcode).toBe(41008);
    expect((await exchange(code)).openid).toBe('li');
  });

  it('says no with a page: unknown appid, scope, foreign domain, nobody at the phone', async () => {
    expect((await authorize({ appid: 'wxother' })).page).toContain('AppID');
    expect((await authorize({ scope: 'snsapi_all' })).page).toContain('Scope');
    expect((await authorize({ redirect_uri: 'https://evil.example.com/' })).page).toContain('10003');
    expect((await authorize({ redirect_uri: 'javascript:alert(1)' })).page).toContain('10003');
    expect((await authorize({}, 'simulator_citizen=')).page).toContain('手机页面');
    expect((await authorize({}, 'simulator_citizen=%E0%A4%A')).page).toContain('手机页面');
  });

  it('opens pages for the citizen, WeChat’s own authorisation page as ours', async () => {
    expect(await openPage('/h5/#/guides')).toMatchObject({ status: 302, to: '/h5/#/guides' });
    const asked = await openPage(
      `https://open.weixin.qq.com/connect/oauth2/authorize?appid=x&scope=snsapi_base#wechat_redirect`,
    );
    expect(asked.to).toBe(`${stand.base}/simulator/connect/oauth2/authorize?appid=x&scope=snsapi_base#wechat_redirect`);
    expect((await openPage('javascript:alert(1)')).status).toBe(400);
    expect((await openPage('//evil.example.com')).status).toBe(400);
  });

  it('tells more only to whom more was granted', async () => {
    const grant = await exchange(await newCode());
    const info = (token: string) => stand.get(`sns/userinfo?access_token=${token}&openid=li`);
    expect((await info(grant.access_token)).errcode).toBe(48001);
    expect((await stand.get(`sns/auth?access_token=${grant.access_token}&openid=li`)).errcode).toBe(0);
    const full = new URL((await authorize({ scope: 'snsapi_userinfo' })).location!).searchParams.get('code')!;
    expect((await info((await exchange(full)).access_token)).openid).toBe('li');
    const again = await stand.get(
      `sns/oauth2/refresh_token?appid=${stand.account.appid}&grant_type=refresh_token&refresh_token=${grant.refresh_token}`,
    );
    expect(again.openid).toBe('li');
  });
});
