import { createDeadline } from '../../src/platform/deadline';

test('what is not ended in time is told of, in its order, and once', async () => {
  const over: string[] = [];
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const deadline = createDeadline<string>(30, (item) => {
    over.push(item);
    if (item === 'third') done();
  });
  deadline.start('first');
  deadline.end(deadline.start('second'));
  setTimeout(() => deadline.start('third'), 10);
  await all;
  expect(over).toEqual(['first', 'third']);
});
