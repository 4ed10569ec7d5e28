import { openStand } from './stand';

const click = (name = '办事指南', key = 'guides') => ({ type: 'click', name, key });
const view = (url: string) => ({ type: 'view', name: '网页', url });
const under = (...sub_button: object[]) => ({ name: '微办事', sub_button });

describe('the menu', () => {
  let stand: Awaited<ReturnType<typeof openStand>>;
  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.close());
  const create = async (...button: unknown[]) => (await stand.api('cgi-bin/menu/create', { button })).errcode;

  it.each([
    ['none', [], 40016],
    ['four', [click(), click(), click(), click()], 40016],
    ['an unknown type', [{ ...click(), type: 'clack' }], 40017],
    ['no type', [{ name: '微办事' }], 40017],
    ['a name of 18 bytes', [click('办事指南指南')], 40018],
    ['an empty name', [click('')], 40018],
    ['a key of 129 bytes', [click('办', 'k'.repeat(129))], 40019],
    ['no key', [{ type: 'click', name: '办' }], 40019],
    ['an address of 1,025 bytes', [view(`https://example.com/${'a'.repeat(1005)}`)], 40020],
    ['no address', [{ type: 'view', name: '办' }], 40020],
    ['an address without scheme', [view('example.com')], 40055],
    ['six sub-buttons', [under(...Array(6).fill(click()))], 40023],
    ['a third level', [under(under(click()))], 40022],
    ['an unknown type below', [under({ ...click(), type: 'x' })], 40024],
    ['a name of 63 bytes below', [under(click('长'.repeat(21)))], 40025],
    ['no key below', [under({ type: 'click', name: '办' })], 40026],
    ['no address below', [under({ type: 'view', name: '办' })], 40027],
  ])('refuses %s', async (_name, button, errcode) => {
    expect(await create(...(button as unknown[]))).toBe(errcode);
  });

  it('takes what just fits, gives it back with empty sub-buttons, and shows it on the phone', async () => {
    expect((await stand.api('cgi-bin/menu/get')).errcode).toBe(46003);
    expect(
      await create(
        under(...Array(5).fill(click('长'.repeat(20), 'k'.repeat(128)))),
        click('十六个字节刚好x'.slice(0, 5)),
        view('https://example.com'),
      ),
    ).toBe(0);
    expect(await create(under(click(), view('https://example.com')), click('问答', 'faq'))).toBe(0);
    const button = [
      {
        name: '微办事',
        sub_button: [
          { ...click(), sub_button: [] },
          { ...view('https://example.com'), sub_button: [] },
        ],
      },
      { ...click('问答', 'faq'), sub_button: [] },
    ];
    expect(await stand.api('cgi-bin/menu/get')).toEqual({ menu: { button } });
    expect(await stand.get('menus/demo')).toEqual({ menu: button });
    expect(
      (await stand.api('cgi-bin/get_current_selfmenu_info')).selfmenu_info.button[0]!.sub_button.list,
    ).toHaveLength(2);
  });

  it('may be another for those with a tag, and for no other reason', async () => {
    await create(click());
    const add = (matchrule: object) =>
      stand.api('cgi-bin/menu/addconditional', { button: [click('老人', 'elder')], matchrule });
    expect((await add({ sex: '1' })).errcode).toBe(65320);
    expect((await add({})).errcode).toBe(65304);
    const { tag } = await stand.api('cgi-bin/tags/create', { tag: { name: '老人' } });
    const { menuid } = await add({ tag_id: String(tag.id) });
    await stand.act('grandma', { text: '你好' });
    await stand.api('cgi-bin/tags/members/batchtagging', { openid_list: ['grandma'], tagid: tag.id });
    expect((await stand.get('menus/demo?openid=grandma')).menu[0]!.key).toBe('elder');
    expect((await stand.get('menus/demo?openid=other')).menu[0]!.key).toBe('guides');
    expect((await stand.api('cgi-bin/menu/delconditional', { menuid })).errcode).toBe(0);
    expect((await stand.api('cgi-bin/menu/delconditional', { menuid })).errcode).toBe(65301);
    await add({ tag_id: tag.id });
    expect((await stand.api('cgi-bin/menu/delete')).errcode).toBe(0);
    expect((await stand.get('menus/demo?openid=grandma')).menu).toBeNull();
    expect((await add({ tag_id: tag.id })).errcode).toBe(65303);
  });

  it('is refused when the body is no menu at all', async () => {
    const raw = async (body: string) => {
      const { access_token } = await stand.get(
        `cgi-bin/token?grant_type=client_credential&appid=${stand.account.appid}&secret=${stand.account.secret}`,
      );
      const response = await fetch(`${stand.base}/simulator/cgi-bin/menu/create?access_token=${access_token}`, {
        method: 'POST',
        body,
      });
      return ((await response.json()) as { errcode: number }).errcode;
    };
    expect([await raw(''), await raw('{'), await raw('[]'), await raw('{"button":{}}')]).toEqual([
      44002, 47001, 40016, 40016,
    ]);
  });
});
