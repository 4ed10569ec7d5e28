import { decodeUtf8, parseEnvelope, parseWithXml2js, parseXml, XmlError } from '../../src/wechat/xml';

const plain = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree));

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (fault) {
    if (fault instanceof XmlError) return fault.code;
    throw fault;
  }
  return 'taken';
}

describe.each([
  ['parseXml', parseXml],
  ['the full parser alone', parseWithXml2js],
])('%s reads', (_name, parse) => {
  test.each<[string, string, unknown]>([
    ['text and CDATA', '<xml><A>1</A><B><![CDATA[二]]></B></xml>', { A: '1', B: '二' }],
    ['white space around CDATA away, inside kept', '<xml>\n <A>\n<![CDATA[ 好 ]]>\r\n</A> </xml>', { A: ' 好 ' }],
    ['text trimmed, full-width blanks kept', '<xml><A>\n a b\u3000\n</A></xml>', { A: 'a b\u3000' }],
    ['an end of CDATA split over two sections', '<xml><A><![CDATA[x]]]]><![CDATA[>y]]></A></xml>', { A: 'x]]>y' }],
    ['brackets before the end of CDATA', '<xml><A><![CDATA[[x]]]]></A></xml>', { A: '[x]]' }],
    [
      'the five entities and numbers, once',
      '<xml><A>&lt;&gt;&amp;&quot;&apos;&#20320;&#x1F600;&amp;lt;</A></xml>',
      { A: '<>&"\'你😀&lt;' },
    ],
    ['no entity inside CDATA', '<xml><A><![CDATA[&lt;&nbsp;]]></A></xml>', { A: '&lt;&nbsp;' }],
    ['control characters', '<xml><A><![CDATA[\u0002c\u001d\0]]></A></xml>', { A: '\u0002c\u001d\0' }],
    [
      'empty elements of all kinds',
      '<xml><A></A><B/><C><![CDATA[]]></C><D> </D></xml>',
      { A: '', B: '', C: '', D: '' },
    ],
    ['a repeated element as a list', '<xml><I>1</I><J/><I>2</I><I>3</I></xml>', { I: ['1', '2', '3'], J: '' }],
    ['lists of trees', '<xml><L><T>1</T></L><L><T>2</T></L></xml>', { L: [{ T: '1' }, { T: '2' }] }],
    [
      'a prolog, a byte order mark, comments',
      '\ufeff<?xml version="1.0"?>\n<xml><!-- <B/> --><A>1</A></xml>\n',
      { A: '1' },
    ],
    ['attributes as if they were not there', '<xml v="1>2"><A t=\'x\'>1</A></xml>', { A: '1' }],
    ['text beside elements', '<xml><A>x<B>1</B>y</A></xml>', { A: { '#text': 'xy', B: '1' } }],
    ['DOCTYPE as text', '<xml><A><![CDATA[<!DOCTYPE a>]]></A><!-- <!DOCTYPE a> --></xml>', { A: '<!DOCTYPE a>' }],
    [
      'names that JavaScript knows',
      '<xml><constructor>x</constructor><toString>y</toString></xml>',
      { constructor: 'x', toString: 'y' },
    ],
    ['nothing', '<xml></xml>', {}],
  ])('%s', (_what, xml, tree) => {
    expect(plain(parse(xml))).toEqual(tree);
  });

  test.each<[string, string, string]>([
    ['nothing at all', ' \n', 'empty'],
    ['JSON', '{"a":1}', 'malformed'],
    ['a DOCTYPE', '<!DOCTYPE xml><xml><A>1</A></xml>', 'doctype'],
    ['a DOCTYPE in lower case', '<!doctype xml><xml/>', 'doctype'],
    ['a DOCTYPE after a prolog and a comment', '<?xml version="1.0"?><!-- --><!DOCTYPE xml><xml/>', 'doctype'],
    ['a DOCTYPE inside the root', '<xml><!DOCTYPE xml></xml>', 'doctype'],
    ['an entity declared', '<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>', 'doctype'],
    ['an entity that is not XML’s', '<xml><A>&nbsp;</A></xml>', 'entity'],
    ['an entity named like an inherited property', '<xml><A>&constructor;</A></xml>', 'entity'],
    ['an entity in capitals', '<xml><A>&LT;</A></xml>', 'entity'],
    ['a bare ampersand', '<xml><A>a & b</A></xml>', 'entity'],
    ['a reference to no character', '<xml><A>&#0;</A></xml>', 'entity'],
    ['a reference to half a character', '<xml><A>&#xD800;</A></xml>', 'entity'],
    ['another root', '<html><A>1</A></html>', 'root'],
    ['a second root', '<xml><A>1</A></xml><xml><A>2</A></xml>', 'root'],
    ['CDATA outside of the root', '<![CDATA[x]]><xml/>', 'root'],
    ['text after the root', '<xml/>x', 'malformed'],
    ['tags that cross', '<xml><A><B></A></B></xml>', 'malformed'],
    ['an open root', '<xml><A>1</A>', 'malformed'],
    ['open CDATA', '<xml><A><![CDATA[x</A></xml>', 'malformed'],
    ['an unescaped <', '<xml><A>1 < 2</A></xml>', 'malformed'],
    ['17 levels', '<xml>'.repeat(17) + '</xml>'.repeat(17), 'too-deep'],
    ['2,048 elements inside the root', `<xml>${'<A/>'.repeat(2048)}</xml>`, 'too-many-elements'],
  ])('but refuses %s', (_what, xml, code) => {
    expect(refusal(() => parse(xml))).toBe(code);
  });

  test('16 levels and 2,047 elements inside the root', () => {
    expect(refusal(() => parse('<xml>'.repeat(16) + '</xml>'.repeat(16)))).toBe('taken');
    expect(parse(`<xml>${'<A/>'.repeat(2047)}</xml>`).A).toHaveLength(2047);
  });

  test('__proto__ as a name, without touching any prototype', () => {
    const tree = parse('<xml><__proto__><polluted>1</polluted></__proto__><A>1</A></xml>');
    expect(Object.getPrototypeOf(tree)).toBeNull();
    expect(tree.polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(tree)).toEqual(['__proto__', 'A']);
  });
});

describe('decodeUtf8', () => {
  test('reads UTF-8 and drops one byte order mark', () => {
    expect(decodeUtf8(Buffer.from('\ufeff办😀'))).toBe('办😀');
    expect(decodeUtf8(new Uint8Array(Buffer.from('办')))).toBe('办');
  });

  test.each([
    ['a cut character', [0xe5, 0x8a]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['GBK', [0xb0, 0xec]],
  ])('refuses %s', (_what, bytes) => {
    expect(refusal(() => decodeUtf8(Buffer.from(bytes)))).toBe('utf8');
  });
});

describe('parseEnvelope', () => {
  test.each<[string, string]>([
    [
      'safe mode',
      '<xml>\n  <ToUserName><![CDATA[gh_1]]></ToUserName>\n  <Encrypt><![CDATA[QUJD]]></Encrypt>\n</xml>\n',
    ],
    ['the other order', '<xml><Encrypt><![CDATA[QUJD]]></Encrypt><ToUserName><![CDATA[gh_1]]></ToUserName></xml>'],
    [
      'compat mode',
      '<xml><ToUserName>gh_1</ToUserName><Content><![CDATA[<Encrypt>x</Encrypt>]]></Content><Encrypt>QUJD</Encrypt></xml>',
    ],
  ])('%s', (_what, xml) => {
    expect(parseEnvelope(xml)).toEqual({ toUserName: 'gh_1', encrypt: 'QUJD' });
  });

  test('never takes what a citizen typed for the envelope', () => {
    const xml =
      '<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Content><![CDATA[<Encrypt><![CDATA[evil]]]]><![CDATA[></Encrypt>]]></Content></xml>';
    expect(parseEnvelope(xml)).toEqual({ toUserName: 'gh_1', encrypt: '' });
  });

  test('refuses a broken one', () => {
    expect(
      refusal(() => parseEnvelope('<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[x</xml>')),
    ).toBe('malformed');
    expect(refusal(() => parseEnvelope('<!DOCTYPE x><xml><Encrypt>x</Encrypt></xml>'))).toBe('doctype');
  });
});
