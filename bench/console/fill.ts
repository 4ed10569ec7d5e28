import type { Client } from 'pg';
import { type Filling, fill } from '../../test/services/questions/filler';

/** The made-up year of the tests, in a database that a server has migrated. */
export async function fillStore(client: Client, size: Pick<Filling, 'questions' | 'open'>): Promise<void> {
  const query = async <Row extends object>(sql: string, values?: unknown[]) =>
    (await client.query<Row>(sql, values)).rows;
  await fill({ query }, { ...size, until: new Date() });
}
