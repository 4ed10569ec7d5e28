import type { Client } from 'pg';
import { type Filling, fill } from '../../test/services/questions/filler';

// Few enough departments that each has whole pages also where little is stored: else a page of three would stand beside one of thirty.
const city = { houses: 2, departmentsEach: 5, clerksEach: 5 };

/** The made-up year of the tests, in a database that a server has migrated. */
export async function fillStore(client: Client, size: Pick<Filling, 'questions' | 'open'>): Promise<void> {
  const query = async <Row extends object>(sql: string, values?: unknown[]) =>
    (await client.query<Row>(sql, values)).rows;
  await fill({ query }, { ...size, city, until: new Date() });
}
