import { openTestEvents } from '../support/events';
import { signal } from '../support/signal';

let house: Awaited<ReturnType<typeof openTestEvents>>;
beforeAll(async () => {
  house = await openTestEvents();
});
afterAll(() => house?.close());

test('what could not be read is read again until it can be', async () => {
  let times = 0;
  const worked = signal();
  await house.events.follow('unlucky', async () => {
    times++;
    if (times === 2 || times === 3) throw new Error('the database is busy');
    if (times === 4) worked.happens();
  });
  await house.events.publish('unlucky', null);
  await worked.happened;
  expect(times).toBe(4);
});

test('a reading under way when something changes is followed by another, and never runs beside it', async () => {
  const [begun, goOn, over] = [signal(), signal(), signal()];
  let stored = 'old';
  let kept = '';
  let atOnce = 0;
  const most: number[] = [];
  await house.events.follow('slow', async () => {
    most.push(++atOnce);
    const seen = stored;
    if (seen === 'newer') {
      begun.happens();
      await goOn.happened;
    }
    kept = seen;
    atOnce--;
    if (seen === 'newest') over.happens();
  });
  expect(kept).toBe('old');
  stored = 'newer';
  await house.events.publish('slow', null);
  await begun.happened;
  stored = 'newest';
  await house.events.publish('slow', null);
  // Only once this has come back has the one before it been heard.
  const heard = signal();
  house.events.subscribe('after that', heard.happens);
  await house.events.publish('after that', null);
  await heard.happened;
  goOn.happens();
  await over.happened;
  expect(kept).toBe('newest');
  expect(new Set(most)).toEqual(new Set([1]));
});

test('what changes during the first reading is read as well; a first reading that fails is said at once', async () => {
  let stored = 'old';
  let kept = '';
  const over = signal();
  await house.events.follow('early', async () => {
    const seen = stored;
    if (seen === 'old') {
      stored = 'new';
      const heard = signal();
      house.events.subscribe('early', heard.happens);
      await house.events.publish('early', null);
      await heard.happened;
    }
    kept = seen;
    if (seen === 'new') over.happens();
  });
  await over.happened;
  expect(kept).toBe('new');
  await expect(house.events.follow('broken', () => Promise.reject(new Error('no such table')))).rejects.toThrow(
    'no such table',
  );
});
