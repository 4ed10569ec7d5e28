import { ask, type NewQuestion } from '../../../src/services/questions/ask';
import { type Answer, addStaff, type Client, signIn } from '../../console/client';
import { startTestServer, type TestServer } from '../../support/server';

export const prefix = '/services/questions';

/** A server without a worker, and who works with questions on it. */
export type Ground = {
  server: TestServer;
  /** another process on the same database */
  other: TestServer;
  hospital: Client;
  police: Client;
  dispatcher: Client;
  supervisor: Client;
  /** somebody new at the hospital's desk or another place */
  clerk(username: string, organisation?: string, role?: string): Promise<Client & { id: number }>;
  id(organisation: string): Promise<number>;
  /** Asks as the chat does. @returns the question's id */
  ask(given?: Partial<Omit<NewQuestion, 'organisationId'>> & { organisation?: string | null }): Promise<string>;
  row(id: string): Promise<Record<string, unknown> & { version: number; assignee_id: number | null }>;
  /** what stands in the thread, without the citizen's own words */
  lines(id: string): Promise<string[]>;
  stop(): Promise<void>;
};

export async function startGround(): Promise<Ground> {
  const server = await startTestServer({ env: { ROLES: 'web' } });
  const other = await startTestServer({ env: { ROLES: 'web' }, databaseUrl: server.databaseUrl });
  const { db, serviceDeps } = server.deps;
  // The demo's own questions would stand in every list.
  await db.query(`UPDATE questions SET status = 'closed', next_fire_at = NULL, organisation_id = NULL`);
  await db.query('DELETE FROM question_rules');
  const id = async (key: string) =>
    (await db.query<{ id: number }>('SELECT id FROM organisations WHERE key = $1', [key]))[0]!.id;
  let citizens = 0;
  return {
    server,
    other,
    hospital: await signIn(server, 'clerk-hospital'),
    police: await signIn(server, 'clerk-police'),
    dispatcher: await signIn(server, 'dispatcher'),
    supervisor: await signIn(server, 'supervisor'),
    id,
    clerk: async (username, organisation = 'hospital-first-desk', role = 'clerk') => {
      await addStaff(server, username, role, organisation);
      const client = await signIn(server, username);
      const [row] = await db.query<{ id: number }>('SELECT id FROM staff WHERE username = $1', [username]);
      return { id: row!.id, get: client.get, send: client.send, token: client.token };
    },
    ask: async ({ organisation = 'hospital-first-desk', ...given } = {}) => {
      const organisationId = organisation === null ? null : await id(organisation);
      const question = {
        accountId: 1,
        openid: `oQuestionCitizen${citizens++}`,
        text: '检查报告在哪里打印？',
        publishable: false,
        at: serviceDeps.clock.now(),
        ...given,
        organisationId,
      };
      return (await db.transaction((tx) => ask(tx, question, serviceDeps))).id;
    },
    row: async (questionId) => (await db.query<never>('SELECT * FROM questions WHERE id = $1', [questionId]))[0]!,
    lines: async (questionId) =>
      (
        await db.query<{ text: string }>(
          `SELECT text FROM question_messages WHERE question_id = $1 AND kind <> 'citizen' ORDER BY id`,
          [questionId],
        )
      ).map(({ text }) => text),
    stop: async () => {
      await other.stop();
      await server.stop();
    },
  };
}

/** An act on one question. */
export const act = (client: Client, id: string, name: string, body?: unknown): Promise<Answer> =>
  client.send('POST', `${prefix}/${id}/${name}`, body);

export const codeOf = ({ status, body }: Answer) =>
  `${status} ${(body as { error?: { code: string } }).error?.code ?? 'done'}`;
