import type { Reply } from '../../src/dialogue/message';
import { CryptoError, prepareKey } from '../../src/wechat/crypto';
import { renderPush, sealPush } from '../../src/wechat/push-xml';
import { renderReply, sealReply } from '../../src/wechat/reply';
import { openReply, parseReply } from '../../src/wechat/reply-parse';
import { parseXml, XmlError } from '../../src/wechat/xml';

const address = { to: 'o1', from: 'gh_1', createTime: 1763700000 };
const article = (n: number) => ({
  title: `标题${n}`,
  description: '',
  picUrl: 'https://a.example/p?x=1&y=2',
  url: 'https://a.example/',
});

describe('a reply', () => {
  test.each<Reply[]>([
    [{ type: 'text', content: '您好 & <b>欢迎</b>\n1. 办事 😀 ' }],
    [{ type: 'text', content: ']]>]]>]]' }],
    [{ type: 'text', content: ']]><Content>x</Content><![CDATA[' }],
    [{ type: 'image', mediaId: 'm1' }],
    [{ type: 'voice', mediaId: 'm1' }],
    [{ type: 'video', mediaId: 'm1', title: '题', description: ']]>' }],
    [
      {
        type: 'music',
        title: 't',
        description: 'd',
        musicUrl: 'https://a.example/1',
        hqMusicUrl: 'https://a.example/2',
        thumbMediaId: 'm1',
      },
    ],
    [{ type: 'news', articles: [article(1)] }],
    [{ type: 'news', articles: [1, 2, 3, 4, 5, 6, 7, 8].map(article) }],
    [{ type: 'transfer' }],
    [{ type: 'transfer', kfAccount: 'k1@city' }],
  ])('%j comes through as it was meant', (reply) => {
    expect(parseReply(renderReply(reply, address))).toEqual({ reply, address });
  });

  test.each<Reply[]>([
    [{ type: 'none' }],
    [{ type: 'text', content: '' }],
    [{ type: 'text', content: ' \n\u0000' }],
    [{ type: 'news', articles: [] }],
  ])('%j is the seven bytes success', (reply) => {
    expect(renderReply(reply, address)).toBe('success');
  });

  test('reads as WeChat documents it', () => {
    expect(renderReply({ type: 'text', content: '好' }, address)).toBe(
      '<xml><ToUserName><![CDATA[o1]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName><CreateTime>1763700000</CreateTime>' +
        '<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[好]]></Content></xml>',
    );
  });

  test('carries nothing that XML forbids', () => {
    const xml = renderReply({ type: 'text', content: 'a\u0000\u0002b\ud800c\udc00\uffff\t\r\n😀' }, address);
    expect(parseXml(xml).Content).toBe('ab\ufffdc\ufffd\t\r\n😀');
  });

  test('shows eight articles at most', () => {
    const { reply } = parseReply(
      renderReply({ type: 'news', articles: Array.from({ length: 12 }, (_, n) => article(n)) }, address),
    );
    expect(reply).toMatchObject({ articles: Array.from({ length: 8 }, (_, n) => ({ title: `标题${n}` })) });
  });
});

describe('a sealed reply', () => {
  const secrets = { token: 'token', key: prepareKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG') };
  const xml = renderReply({ type: 'text', content: '好' }, address);
  const sealed = sealReply(xml, { secrets, appid: 'wx1', timestamp: 1763700000 });

  test('opens with the same secrets and with no others', () => {
    expect(openReply(sealed, secrets, 'wx1')).toBe(xml);
    expect(() => openReply(sealed, { ...secrets, token: 'other' }, 'wx1')).toThrow(CryptoError);
    expect(() => openReply(sealed, secrets, 'wx2')).toThrow(CryptoError);
  });

  test('has the four elements and hides the rest', () => {
    expect(Object.keys(parseXml(sealed))).toEqual(['Encrypt', 'MsgSignature', 'TimeStamp', 'Nonce']);
    expect(sealed).not.toContain('ToUserName');
  });

  test('is the same bytes where nonce and random bytes are given, for a repeat', () => {
    const fixed = { secrets, appid: 'wx1', timestamp: 1, nonce: '42', random: Buffer.alloc(16, 1) };
    expect(sealReply(xml, fixed)).toBe(sealReply(xml, fixed));
  });

  test('leaves success alone', () => {
    expect(sealReply('success', { secrets, appid: 'wx1', timestamp: 1 })).toBe('success');
    expect(openReply('success', secrets, 'wx1')).toBe('success');
    expect(parseReply('success').reply).toEqual({ type: 'none' });
  });

  test('in plain text is not taken in its place', () => {
    expect(() => openReply(xml, secrets, 'wx1')).toThrow(XmlError);
  });
});

describe('the platform refuses', () => {
  const good = { ToUserName: 'o1', FromUserName: 'gh_1', CreateTime: 1763700000, MsgType: 'text', Content: 'x' };

  test.each([
    ['an empty text', { ...good, Content: '' }],
    ['no receiver', { ...good, ToUserName: undefined }],
    ['milliseconds', { ...good, CreateTime: 1763700000000 }],
    ['a kind that it does not know', { ...good, MsgType: 'markdown' }],
    ['music without a cover', { ...good, MsgType: 'music', Music: { Title: 'x' } }],
    [
      'nine articles',
      {
        ...good,
        MsgType: 'news',
        ArticleCount: 9,
        Articles: { item: Array.from({ length: 9 }, () => ({ Title: 'x' })) },
      },
    ],
    ['a wrong count of articles', { ...good, MsgType: 'news', ArticleCount: 2, Articles: { item: [{ Title: 'x' }] } }],
  ])('%s', (_what, tree) => {
    expect(() => parseReply(renderPush(tree))).toThrow(XmlError);
  });

  test('what is no XML', () => {
    for (const body of ['好', '{"type":"text"}', '<xml>', 'SUCCESS']) expect(() => parseReply(body)).toThrow(XmlError);
  });
});

describe('a push', () => {
  const tree = {
    ToUserName: 'gh_1',
    FromUserName: 'o1',
    CreateTime: 1763700000,
    MsgType: 'text',
    Content: ']]><x>\u0002😀 ',
    MsgId: 9223372036854775807n,
    List: [{ A: 'x' }, { A: 'y' }],
    Empty: '',
    Absent: undefined,
  };
  const settings = {
    secrets: { token: 'token', key: prepareKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG') },
    appid: 'wx1',
    originalId: 'gh_1',
    openid: 'o1',
    timestamp: 1763700000,
  };

  test('comes through as the tree it was', () => {
    expect(JSON.parse(JSON.stringify(parseXml(renderPush(tree))))).toEqual({
      ToUserName: 'gh_1',
      FromUserName: 'o1',
      CreateTime: '1763700000',
      MsgType: 'text',
      Content: ']]><x>\u0002😀 ',
      MsgId: '9223372036854775807',
      List: [{ A: 'x' }, { A: 'y' }],
      Empty: '',
    });
  });

  test('refuses a name that would be markup', () => {
    expect(() => renderPush({ 'a><b': 'x' })).toThrow(TypeError);
  });

  test('in each mode shows what that mode shows', () => {
    const xml = renderPush(tree);
    const [plain, compat, safe] = (['plain', 'compat', 'safe'] as const).map((mode) =>
      sealPush(xml, { ...settings, mode }),
    );
    expect(plain!.body).toBe(xml);
    expect(Object.keys(plain!.query).sort()).toEqual(['nonce', 'openid', 'signature', 'timestamp']);
    expect(Object.keys(parseXml(compat!.body))).toEqual([...Object.keys(parseXml(xml)), 'Encrypt']);
    expect(Object.keys(parseXml(safe!.body))).toEqual(['ToUserName', 'Encrypt']);
    expect(safe!.query).toMatchObject({ encrypt_type: 'aes', msg_signature: expect.stringMatching(/^[0-9a-f]{40}$/) });
  });
});
