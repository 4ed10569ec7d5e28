import { idCard } from '../services/appointments/hall';
import { anyone, type TestServer } from '../support/server';
import { anonymous, type CitizenClient, signInCitizen, smsCode } from './citizen-client';

export type Someone = { openid: string; citizen: CitizenClient };

/** Signed in, a minute after whoever was before, so that a code may be asked for. */
export async function someone(server: TestServer): Promise<Someone> {
  later(server);
  const openid = anyone();
  await server.act(openid, { event: 'subscribe' });
  return { openid, citizen: await signInCitizen(server, openid) };
}

export const later = (server: TestServer, seconds = 61) => {
  server.deps.clock.offset += seconds * 1000;
};

export const versionOf = async (server: TestServer, kind: string) =>
  (await anonymous(server).get<{ version: string }>(`/consents/${kind}`)).body.version;

let order = 0;
/** An order for an ID number that this file has not used; a test file has its own database. */
export const nextOrder = () => ++order;

/** What the page sends, all right; `changes` makes it wrong. */
export async function formOf(server: TestServer, { openid, citizen }: Someone, changes: object = {}) {
  const number = nextOrder();
  const phone = `139${String(number).padStart(8, '0')}`;
  const sent = await citizen.post('/phone-codes', { phone });
  if (sent.status !== 200) throw new Error(JSON.stringify(sent.body));
  const consents = [];
  for (const kind of ['identity', 'family', 'guardian'])
    consents.push({ kind, version: await versionOf(server, kind) });
  return {
    relation: 'self',
    name: '示例市民',
    document: { kind: 'id-card', number: idCard(number) },
    phone,
    code: await smsCode(server, openid),
    consents,
    ...changes,
  };
}

/** A citizen who has registered; with the id of the person. */
export async function registered(server: TestServer, changes: object = {}) {
  const who = await someone(server);
  const form = await formOf(server, who, changes);
  const made = await who.citizen.post<{ id: string }>('/persons', form);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  later(server);
  /** signed in anew, when much time has passed */
  const again = () => signInCitizen(server, who.openid);
  return { ...who, form, personId: made.body.id, again };
}
