export const base = '/services/cases/remotes';

export type RemoteBrief = { id: number; key: string; title: string; office: string; baseUrl: string; on: boolean };
export type Remote = RemoteBrief & { description: Description; hasSecret: boolean };
export type Setup = { kinds: Kind[] };
export type Kind = { key: string; title: string; states: { key: string; title: string }[] };

export type Body =
  | { type: 'json'; value: unknown }
  | { type: 'form'; fields: Record<string, string> }
  | { type: 'xml'; text: string };
export type Request = {
  method: 'GET' | 'POST';
  path: string;
  query: Record<string, string>;
  body: Body | null;
  cases: string;
};
export type Auth =
  | { kind: 'none' | 'bearer' }
  | { kind: 'basic'; username: string }
  | { kind: 'header'; name: string }
  | { kind: 'hmac'; keyId: string; headers: SignatureHeaders };
export type SignatureHeaders = { key: string; timestamp: string; signature: string };

/** As the server keeps it; see 单位后台的描述 in the documents. */
export type Description = {
  baseUrl: string;
  auth: Auth;
  byNumber: Request;
  ofPerson: Request | null;
  documentKinds: Record<string, string>;
  format: 'json' | 'xml';
  charset: 'auto' | 'utf-8' | 'gb18030';
  result: { path: string; ok: string[]; none: string[] } | null;
  noneStatuses: number[];
  verify: 'us' | 'office';
  mapping: Mapping;
};
export type Mapping = {
  number: string;
  document: string;
  code: string;
  kind: string;
  state: string;
  at: string;
  note: string;
  place: string;
  due: string;
  steps: { list: string; state: string; at: string; note: string } | null;
  time: { format: string; zone: string };
  kinds: Record<string, { kind: string; states: Record<string, string> }>;
};

export type Tried = {
  request: { method: string; url: string; headers: Record<string, string>; body: string };
  status: number | null;
  ms: number;
  raw: string;
  fault: string | null;
  cases: { number: string; title: string; state: string; steps: string[]; matches: boolean | null; faults: string[] }[];
};
