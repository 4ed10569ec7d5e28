import { workOnImports } from '../../../src/services/cases/imports/work';
import { type Client, signIn } from '../../console/client';
import { type Office, openOffice } from './office';

export let office: Office;
export let operator: Client;

/** An operator with sheets of cases to bring in. */
export function openImportDesk(): void {
  beforeAll(async () => {
    office = await openOffice();
    operator = await signIn(office.server, 'operator');
  });
  afterAll(() => office?.close());
}

export type Import = {
  id: string;
  status: string;
  done: number;
  total: number | null;
  faults: number;
  reason: string | null;
  summary: object | null;
  preview: { number: string; state: string }[];
  firstFaults: { line: number; place: string; message: string }[];
};
export const base = '/services/cases';
export const header = '编号,类型,状态,时间,说明,证件号码,查询码';

export async function upload(
  bytes: Buffer | string,
  { name = '办件.csv', by = operator, source = office.police } = {},
) {
  const query = new URLSearchParams({ source: String(source), name });
  const response = await fetch(`${office.server.url}/api/console${base}/imports?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.token}`, 'content-type': 'text/csv' },
    body: new Uint8Array(Buffer.from(bytes as string)),
  });
  return { status: response.status, body: (await response.json()) as { id: string; error?: { message: string } } };
}
export const look = async (id: string) => (await operator.get(`${base}/imports/${id}`)).body as Import;
export async function checked(bytes: Buffer | string): Promise<Import> {
  const { status, body } = await upload(bytes);
  if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
  await workOnImports(office.deps);
  return look(body.id);
}
export async function apply(id: string): Promise<Import> {
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
  await workOnImports(office.deps);
  return look(id);
}
export const countLike = async (number: string) =>
  (
    await office.db.query<{ count: number }>('SELECT count(*)::int AS count FROM cases WHERE number LIKE $1', [number])
  )[0]!.count;
export const faults = ({ firstFaults }: Import) =>
  firstFaults.map(({ line, place, message }) => [line, place, message]);
