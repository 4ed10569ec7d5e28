import { createLog } from '../../src/platform/log';

test('for a person at a terminal: a short line in Chinese, secrets blotted out, a stack below', () => {
  const lines: string[] = [];
  const log = createLog('info', true, { write: (line) => lines.push(line) });
  log.debug('not this');
  log.warn({ account: 'demo', token: 'secret', count: 2 }, 'something is odd');
  log.error({ stack: 'Error: no\n    at here' }, 'request failed');
  expect(lines).toEqual([
    expect.stringMatching(/^\d\d:\d\d 警告 something is odd account=demo token=\[隐去\] count=2\n$/),
    expect.stringMatching(/^\d\d:\d\d 错误 request failed\nError: no\n {4}at here\n$/),
  ]);
});
