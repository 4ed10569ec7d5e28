import { toInbound } from '../../src/wechat/inbound';
import { type PushTree, renderPush } from '../../src/wechat/push-xml';
import { parseXml, XmlError } from '../../src/wechat/xml';

const head = { ToUserName: 'gh_1', FromUserName: 'o1', CreateTime: 1763700000 };
const arrive = (tree: PushTree) => toInbound(parseXml(renderPush({ ...head, ...tree })));
const key = (tree: PushTree) => arrive(tree).dedupe;

describe('what tells one callback from another', () => {
  const receipt = (template: string) => ({
    MsgType: 'event',
    Event: 'subscribe_msg_sent_event',
    SubscribeMsgSentEvent: {
      List: [{ TemplateId: template, MsgID: 1700827132819554304n, ErrorCode: 0, ErrorStatus: 'success' }],
    },
  });
  const click = (Event: string, EventKey: string) => ({ MsgType: 'event', Event, EventKey });

  test('a message goes by its id alone: its content may be anything', () => {
    expect(key({ MsgType: 'text', Content: 'a', MsgId: 9223372036854775807n })).toBe('m:9223372036854775807');
  });

  test('the same event again is the same', () => {
    expect(key(click('CLICK', 'guides'))).toBe(key(click('CLICK', 'guides')));
    expect(key(receipt('t1'))).toBe(key(receipt('t1')));
  });

  test.each<[string, PushTree, PushTree]>([
    ['two receipts in one second', receipt('t1'), receipt('t2')],
    ['two clicks on different entries', click('CLICK', 'a'), click('CLICK', 'b')],
    ['a click and a view of one key', click('CLICK', 'a'), click('VIEW', 'a')],
    [
      'key and ticket moved against each other',
      { ...click('SCAN', 'a'), Ticket: 'bc' },
      { ...click('SCAN', 'ab'), Ticket: 'c' },
    ],
    [
      'two jobs',
      { MsgType: 'event', Event: 'TEMPLATESENDJOBFINISH', MsgID: 1 },
      { MsgType: 'event', Event: 'TEMPLATESENDJOBFINISH', MsgID: 2 },
    ],
    ['two messages without an id', { MsgType: 'text', Content: 'a' }, { MsgType: 'text', Content: 'b' }],
    [
      'a message and an event of one id',
      { MsgType: 'text', MsgId: 1 },
      { MsgType: 'event', Event: 'MASSSENDJOBFINISH', MsgID: 1 },
    ],
    ['two pushes whose ids are no numbers', { MsgType: 'text', MsgId: 'x' }, { MsgType: 'text', MsgId: 'y' }],
  ])('%s are two', (_what, one, other) => {
    expect(key(one)).not.toBe(key(other));
  });

  test('account, citizen and time are not in it: the caller keeps them beside it', () => {
    const event = click('unsubscribe', '');
    expect(key({ ...event, FromUserName: 'o2', CreateTime: 5 })).toBe(key(event));
  });

  test('it stays short whatever arrives', () => {
    expect(key({ MsgType: 'text', MsgId: '1'.repeat(5000) })).toMatch(/^e:[0-9a-f]{40}$/);
  });
});

describe('what is lenient', () => {
  test.each<[string, string | number | undefined, number]>([
    ['absent', undefined, 0],
    ['empty', '', 0],
    ['words', 'yesterday', 0],
    ['negative', '-5', 0],
    ['milliseconds', '1763700000123', 0],
    ['the year 2200', '7258118400', 0],
    ['a fraction', '1.5', 0],
    ['good', 1763700000, 1763700000],
  ])('CreateTime %s', (_what, CreateTime, seconds) => {
    expect(arrive({ MsgType: 'text', CreateTime }).createTime).toBe(seconds);
  });

  test('numbers that are none are 0, lists that are none are empty', () => {
    expect(arrive({ MsgType: 'location', Location_X: 'north', Scale: '' })).toMatchObject({
      latitude: 0,
      longitude: 0,
      scale: 0,
      label: '',
    });
    expect(arrive({ MsgType: 'event', Event: 'pic_weixin', SendPicsInfo: 'x' })).toMatchObject({ count: 0, md5s: [] });
    expect(arrive({ MsgType: 'event', Event: 'subscribe_msg_popup_event', SubscribeMsgPopupEvent: '' })).toMatchObject({
      choices: [],
    });
  });

  test('an element that repeats or holds elements where text was due', () => {
    expect(arrive({ MsgType: 'text', Content: ['a', 'b'] })).toMatchObject({ type: 'text', content: 'a' });
    expect(arrive({ MsgType: 'text', Content: { b: 'x' } })).toMatchObject({ type: 'text', content: '' });
  });

  test('nothing but a sender', () => {
    expect(arrive({})).toMatchObject({ type: 'unknown', msgType: '', openid: 'o1' });
    expect(arrive({ MsgType: 'event' })).toMatchObject({ type: 'event', event: 'unknown', name: '' });
  });

  test('names that JavaScript knows are no events', () => {
    for (const Event of ['constructor', '__proto__', 'toString']) {
      expect(arrive({ MsgType: 'event', Event })).toMatchObject({ event: 'unknown', name: Event.toLowerCase() });
    }
  });

  test('kinds and events in any case', () => {
    expect(arrive({ MsgType: 'TEXT', Content: 'a' }).type).toBe('text');
    expect(arrive({ MsgType: 'Event', Event: 'TemplateSendJobFinish' })).toMatchObject({
      event: 'templatesendjobfinish',
    });
  });
});

describe('the citizen', () => {
  test('is OpenID in authorisation events and FromUserName in all others', () => {
    expect(arrive({ MsgType: 'event', Event: 'user_authorization_revoke', OpenID: 'o9' }).openid).toBe('o9');
    expect(arrive({ MsgType: 'event', Event: 'CLICK', OpenID: 'o9' }).openid).toBe('o1');
    expect(arrive({ MsgType: 'event', Event: 'user_info_modified' }).openid).toBe('o1');
    expect(arrive({ MsgType: 'text', FromUserName: undefined, OpenID: 'o9' }).openid).toBe('o9');
  });

  test.each<[string, PushTree]>([
    ['absent', { FromUserName: undefined }],
    ['empty', { FromUserName: '' }],
    ['elements', { FromUserName: { a: 'x' } }],
    ['longer than any openid', { FromUserName: 'o'.repeat(5000) }],
  ])('%s: refused', (_what, tree) => {
    const run = () => arrive({ MsgType: 'text', ...tree });
    expect(run).toThrow(XmlError);
    expect(run).toThrow('no-sender');
  });
});
