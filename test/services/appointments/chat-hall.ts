import { bindPerson } from '../../../src/people/identity/bindings';
import { giveConsent, versionOf } from '../../../src/people/identity/consents';
import { makeAllSlots } from '../../../src/services/appointments/jobs';
import { recount } from '../../../src/services/appointments/recount';
import { play } from '../../support/chat';
import { anyone, startTestServer, type TestServer } from '../../support/server';
import { at, idCard } from './hall';

export let server: TestServer;

/** The demo on a Monday at ten; every place is accounted for in the end. */
export function openChatHall(): void {
  beforeAll(async () => {
    server = await startTestServer({ env: { ROLES: 'web', LOG_LEVEL: 'silent' } });
    // A Monday; the demo's rules hold from the day they were loaded.
    server.deps.clock.offset = at('2026-03-02 10:00').getTime() - Date.now();
    await server.deps.db.query(`UPDATE appointment_rules SET valid_from = '2026-01-01'`);
    await makeAllSlots(server.deps.serviceDeps);
  });
  afterAll(async () => {
    expect(await recount(server.deps.db, '2026-01-01')).toEqual([]);
    await server.stop();
  });
}

let order = 500;
export async function citizen({ bound = true, agreed = true } = {}): Promise<string> {
  const openid = anyone();
  const { deps } = server;
  if (!bound) return openid;
  const fresh = {
    accountId: deps.accounts.byKey('demo')!.id,
    openid,
    relation: 'self' as const,
    name: '示例市民',
    // Those who are asked first have a telephone of their own: others share one, and its limit.
    phone: agreed ? '13800000000' : `139${String(order).padStart(8, '0')}`,
    document: { kind: 'id-card' as const, number: idCard(++order) },
    at: deps.clock.now(),
  };
  await deps.db.transaction((tx) => bindPerson(tx, fresh, deps.encryption));
  const text = deps.texts.say('consent.health');
  const consent = { kind: 'health' as const, text, agreedTo: versionOf(text), at: deps.clock.now() };
  if (agreed) await deps.db.transaction((tx) => giveConsent(tx, fresh, consent));
  return openid;
}

/** What is heard, with what differs from run to run named. */
export const heard = async (openid: string, act: string) =>
  (await play(server, openid, act))
    .replaceAll(server.url, '{{url}}')
    .replace(/编号 \d{8}/, '编号 {{code}}')
    .replace(/^预约 \d{8}/, '预约 {{code}}')
    .replace(/appointments\/\d+/, 'appointments/{{id}}');

export async function talk(openid: string, lines: [string, string][]) {
  for (const [said, answered] of lines) expect([said, await heard(openid, said)]).toEqual([said, answered.trim()]);
}

export const bookTo = async (openid: string, ...said: string[]) => {
  for (const one of said) await play(server, openid, one);
};
