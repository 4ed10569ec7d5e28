import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { descriptionContract } from '../../../src/services/cases/remote/description';
import { remoteKey } from '../../../src/services/cases/remote/settings';
import type { Office } from './office';

type Asked = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
type Behave = (asked: Asked, response: ServerResponse) => void;
export type BackEnd = Awaited<ReturnType<typeof openBackEnd>>;

/** An office's back end that does as it is told, on a port of its own. */
export async function openBackEnd() {
  const asked: Asked[] = [];
  let behave: Behave = (_asked, response) => void response.writeHead(500).end();
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      const one = { method: method!, url: url!, headers, body: Buffer.concat(parts).toString() };
      asked.push(one);
      behave(one, response);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    asked,
    behave: (next: Behave) => {
      behave = next;
    },
    json: (value: unknown) => {
      behave = (_asked, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    },
    bytes: (bytes: Buffer | string, headers: Record<string, string> = {}, status = 200) => {
      behave = (_asked, response) => void response.writeHead(status, headers).end(bytes);
    },
    /** takes the question and says nothing */
    hang: () => {
      behave = () => {};
    },
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(resolve));
    },
  };
}

/** As a description of the tests' back end is written, JSON as it mostly comes. */
export const describe = (url: string, more: object = {}) => ({
  baseUrl: `${url}/api`,
  byNumber: { path: '/cases/{number}', query: { f: '{factor}' }, cases: 'data' },
  ofPerson: { path: '/cases', query: { id: '{document}', type: '{documentKind}' }, cases: 'data' },
  result: { path: 'code', ok: ['0'], none: ['404'] },
  mapping: {
    number: 'no',
    document: 'id',
    code: 'receipt',
    state: 'state',
    at: 'at',
    note: 'note',
    place: 'place',
    kinds: { '*': { kind: 'passport', states: { A: 'accepted', B: 'approved', C: 'ready' } } },
  },
  ...more,
});

/** The simulator's office, where it demands a signature. */
export const signedOffice = (url: string) => ({
  baseUrl: `${url}/simulator/backoffice/signed`,
  byNumber: { path: '/cases/{number}', query: { 来自: '微办' }, cases: 'data' },
  ofPerson: {
    method: 'POST',
    path: '/cases/search',
    cases: 'data.list',
    body: { type: 'json', value: { idNo: '{document}' } },
  },
  result: { path: 'code', ok: ['0'], none: ['404'] },
  mapping: {
    number: 'caseNo',
    document: 'idNo',
    code: 'queryCode',
    kind: 'typeCode',
    steps: { list: 'track', state: 'st', at: 'tm' },
    time: { format: 'yyyy-MM-dd HH:mm:ss' },
    kinds: { A02: { kind: 'exit-permit', states: { '10': 'accepted', '20': 'approved', '30': 'ready' } } },
  },
});

let nth = 0;
/** Adds a back end below the police, allowed to be on this machine. @returns the source's id and title */
export async function addRemote(
  office: Office,
  description: object,
  { host, secret }: { host?: string; secret?: string },
) {
  const { db, deps } = office;
  if (host) {
    const before = deps.settings.get<{ localHosts?: string[] }>(remoteKey, {});
    await deps.settings.set(remoteKey, { ...before, localHosts: [...(before.localHosts ?? []), host] });
  }
  const key = `remote-${++nth}`;
  const title = `示例单位${nth}`;
  const settings = {
    description: descriptionContract.parse(description),
    secretSealed: secret ? deps.encryption.seal(secret) : null,
  };
  const [row] = await db.query<{ id: number }>(
    `INSERT INTO case_sources (key, title, organisation_id, adapter, settings, created_at)
     SELECT $1, $2, id, 'remote', $3::jsonb, $4 FROM organisations WHERE key = 'police' RETURNING id`,
    [key, title, JSON.stringify(settings), deps.clock.now()],
  );
  return { id: row!.id, key, title };
}

/** A case as this back end writes it. */
export const one = (no: string, id: string, more: object = {}) => ({
  no,
  id,
  state: 'B',
  at: '2026-03-01T09:00:00',
  ...more,
});

/** What citizens read of it. */
export type FoundOne = {
  item: { token: string; number: string; state: string; asOf: object | null } | null;
  down: string[];
};
export type Mine = {
  items: { token: string; number: string; state: string; asOf: { office: string } | null }[];
  down: string[];
};
