import { audited, type Client, signIn } from '../../console/client';
import { startTestServer, type TestServer } from '../../support/server';
import { type Hall, openHall } from './hall';

let hall: Hall;
/** Another process on the same database. */
let other: TestServer;
let clerk: Client;
beforeAll(async () => {
  hall = await openHall();
  other = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' }, databaseUrl: hall.server.databaseUrl });
  for (const { deps } of [hall.server, other]) deps.clock.offset = hall.now.getTime() - Date.now();
  clerk = await signIn(hall.server, 'clerk-hospital');
});
afterAll(async () => {
  await other?.stop();
  await hall?.close();
});

const path = '/services/appointments';
type Screen = { title: string; rows: { what: string; called: object[]; waiting: number[]; passed: number[] }[] };

/** The screen of the other process: what it shows, one after another. */
async function watch(token: string) {
  const response = await fetch(`${other.url}/api/console${path}/screen`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let read = '';
  return {
    status: response.status,
    /** The next event for which this holds. */
    async until(holds: (event: string) => boolean): Promise<string> {
      for (;;) {
        const end = read.indexOf('\n\n');
        if (end >= 0) {
          const event = read.slice(0, end);
          read = read.slice(end + 2);
          if (holds(event)) return event;
          continue;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream has ended');
        read += value;
      }
    },
    close: () => reader.cancel(),
  };
}
const shown = (event: string): Screen => JSON.parse(event.replace(/^data: /, ''));

test('a screen shows numbers and masked names of another process at once, and goes dark when its link is taken back', async () => {
  const resource = await hall.resource();
  const opened = await clerk.send('POST', `${path}/screens`, { title: '一楼大厅（示例）', resourceIds: [resource] });
  const { id, token } = opened.body as { id: number; token: string };
  expect(JSON.stringify(await hall.db.query('SELECT * FROM appointment_screens'))).not.toContain(token);
  const screen = await watch(token);
  expect(shown(await screen.until(() => true))).toMatchObject({
    title: '一楼大厅（示例）',
    rows: [{ what: '示例医生 主任医师', called: [], waiting: [] }],
  });
  const people = [];
  for (const time of ['11:00', '14:00']) {
    const citizen = await hall.citizen();
    const one = await hall.book(hall.wants(citizen, await hall.slot(resource, 1, `2026-03-02 ${time}`)));
    await clerk.send('POST', `${path}/check-in`, { code: one.code });
    people.push(one);
  }
  await screen.until((event) => shown(event).rows[0]!.waiting.join() === '1,2');
  await clerk.send('POST', `${path}/resources/${resource}/call-next`, {});
  const called = await screen.until((event) => shown(event).rows[0]!.called.length === 1);
  expect(shown(called).rows[0]).toMatchObject({ called: [{ number: 1, person: '示**民' }], waiting: [2] });
  expect(called).not.toContain('示例市民');
  await clerk.send('POST', `${path}/${people[0]!.id}/pass`);
  await screen.until((event) => shown(event).rows[0]!.passed.join() === '1');
  const police = await signIn(hall.server, 'clerk-police');
  expect((await police.send('DELETE', `${path}/screens/${id}`)).status).toBe(404);
  expect((await clerk.send('DELETE', `${path}/screens/${id}`)).status).toBe(200);
  await screen.until((event) => event.startsWith('event: gone'));
  expect((await watch(token)).status).toBe(404);
  expect((await watch('a-link-of-nobody')).status).toBe(404);
  expect(await audited(hall.server, 'appointment-screen.revoke')).toHaveLength(1);
});
