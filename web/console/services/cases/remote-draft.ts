import { ApiError } from '../../api';
import type { Auth, Body, Description, Mapping, Request, SignatureHeaders } from './remote-types';

/** A request as it is typed: pairs one a line, `name=text`. */
export type RequestDraft = {
  method: 'GET' | 'POST';
  path: string;
  query: string;
  bodyType: 'none' | Body['type'];
  body: string;
  cases: string;
};
export type KindDraft = { theirs: string; kind: string; states: { theirs: string; ours: string }[] };

/** What stands in the form, all of it text that may be half typed. */
export type Draft = Omit<Description, 'auth' | 'byNumber' | 'ofPerson' | 'documentKinds' | 'result' | 'mapping'> & {
  auth: { kind: Auth['kind']; name: string; keyId: string; headers: SignatureHeaders };
  byNumber: RequestDraft;
  asksPerson: boolean;
  ofPerson: RequestDraft;
  documentKinds: string;
  hasResult: boolean;
  result: { path: string; ok: string; none: string };
  hasSteps: boolean;
  mapping: Omit<Mapping, 'steps' | 'kinds'> & { steps: NonNullable<Mapping['steps']> };
  kinds: KindDraft[];
};

export function draftOf(given?: Description): Draft {
  const { auth, byNumber, ofPerson, documentKinds, result, mapping, ...rest } = given ?? empty();
  const { steps, kinds, ...paths } = mapping;
  return {
    ...rest,
    auth: {
      kind: auth.kind,
      name: 'username' in auth ? auth.username : 'name' in auth ? auth.name : '',
      keyId: 'keyId' in auth ? auth.keyId : '',
      headers: 'headers' in auth ? { ...auth.headers } : usualHeaders(),
    },
    byNumber: requestDraft(byNumber),
    asksPerson: ofPerson !== null,
    ofPerson: requestDraft(ofPerson ?? { ...byNumber, path: '', query: {} }),
    documentKinds: toLines(documentKinds),
    hasResult: result !== null,
    result: { path: result?.path ?? '', ok: result?.ok.join('、') ?? '', none: result?.none.join('、') ?? '' },
    hasSteps: steps !== null,
    mapping: { ...paths, steps: steps ?? { list: '', state: '', at: '', note: '' } },
    kinds: Object.entries(kinds).map(([theirs, { kind, states }]) => ({
      theirs,
      kind,
      states: Object.entries(states).map(([name, ours]) => ({ theirs: name, ours })),
    })),
  };
}

/** @throws ApiError that says what cannot be read, before the server is asked */
export function descriptionOf(draft: Draft): Description {
  const { auth, byNumber, asksPerson, ofPerson, documentKinds, hasResult, result, hasSteps, mapping, kinds, ...rest } =
    draft;
  return {
    ...rest,
    auth: authOf(auth),
    byNumber: requestOf(byNumber, 'byNumber'),
    ofPerson: asksPerson ? requestOf(ofPerson, 'ofPerson') : null,
    documentKinds: fromLines(documentKinds, 'documentKinds'),
    result: hasResult ? { path: result.path, ok: wordsIn(result.ok), none: wordsIn(result.none) } : null,
    mapping: {
      ...mapping,
      steps: hasSteps ? mapping.steps : null,
      kinds: Object.fromEntries(
        kinds.map(({ theirs, kind, states }) => [
          theirs || '*',
          { kind, states: Object.fromEntries(states.filter((one) => one.theirs).map((one) => [one.theirs, one.ours])) },
        ]),
      ),
    },
  };
}

function authOf({ kind, name, keyId, headers }: Draft['auth']): Auth {
  if (kind === 'basic') return { kind, username: name };
  if (kind === 'hmac') return { kind, keyId, headers };
  return kind === 'header' ? { kind, name } : { kind };
}

const usualHeaders = (): SignatureHeaders => ({ key: 'X-Key', timestamp: 'X-Timestamp', signature: 'X-Signature' });

const requestDraft = ({ method, path, query, body, cases }: Request): RequestDraft => ({
  method,
  path,
  query: toLines(query),
  bodyType: body?.type ?? 'none',
  body: bodyText(body),
  cases,
});

function bodyText(body: Body | null): string {
  if (body?.type === 'json') return JSON.stringify(body.value, null, 2);
  if (body?.type === 'form') return toLines(body.fields);
  return body?.text ?? '';
}

function requestOf({ method, path, query, bodyType, body, cases }: RequestDraft, where: string): Request {
  return { method, path, query: fromLines(query, `${where}.query`), body: bodyOf(bodyType, body, where), cases };
}

function bodyOf(type: RequestDraft['bodyType'], text: string, where: string): Body | null {
  if (type === 'none') return null;
  if (type === 'xml') return { type, text };
  if (type === 'form') return { type, fields: fromLines(text, `${where}.body`) };
  try {
    return { type, value: JSON.parse(text) as unknown };
  } catch {
    throw fault(`${where}.body`, '不是 JSON');
  }
}

const toLines = (pairs: Record<string, string>) =>
  Object.entries(pairs)
    .map(([name, text]) => `${name}=${text}`)
    .join('\n');

function fromLines(text: string, where: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim());
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (!name) throw fault(where, `每行应为 名称=内容，「${line.slice(0, 20)}」不是`);
      return [name, value ?? ''];
    }),
  );
}

const wordsIn = (text: string) => text.split(/[\s,，、]+/).filter(Boolean);
const fault = (field: string, message: string) =>
  new ApiError(422, '填写的内容不符合要求，请按提示修改', { [`description.${field}`]: message });

const empty = (): Description => ({
  baseUrl: '',
  auth: { kind: 'none' },
  byNumber: { method: 'GET', path: '/cases/{number}', query: {}, body: null, cases: '' },
  ofPerson: null,
  documentKinds: {},
  format: 'json',
  charset: 'auto',
  result: null,
  noneStatuses: [404],
  verify: 'us',
  mapping: {
    number: '',
    document: '',
    code: '',
    kind: '',
    state: '',
    at: '',
    note: '',
    place: '',
    due: '',
    steps: null,
    time: { format: 'yyyy-MM-dd HH:mm:ss', zone: '+08:00' },
    kinds: {},
  },
});
