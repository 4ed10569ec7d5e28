import { loggedPath } from '../../src/platform/http/request-log';

test('a signed link does not stand in the log, what it is about does', () => {
  const token = `${Buffer.from(JSON.stringify([1, 'oSomebodyWithAnOpenid0000000', '', 1764000000])).toString('base64url')}.${'x'.repeat(24)}`;
  expect(loggedPath(`/api/h5/questions/${token}/Q2611250001/messages`)).toBe(
    '/api/h5/questions/…/Q2611250001/messages',
  );
  expect(loggedPath('/api/console/services/questions/12/answer')).toBe('/api/console/services/questions/12/answer');
});
