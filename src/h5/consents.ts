import { z } from 'zod';
import type { Citizen } from '../people/citizen';
import { maskName, type Person, personsOf } from '../people/identity/bindings';
import {
  type ConsentKind,
  consentKind,
  consentKinds,
  consentsNeeded,
  consentsOf,
  giveConsent,
  isForPerson,
  versionOf,
  withdrawConsents,
} from '../people/identity/consents';
import { unbindPerson } from '../people/identity/leave';
import { shanghai } from '../platform/clock';
import type { Tx } from '../platform/database';
import { notFound, UserError } from '../platform/errors';
import { done, id, relation, version } from './contract';
import type { H5Deps } from './deps';
import { tellingOfPhoneChange } from './phone-change';
import { consentText } from './register';
import { route } from './route';

const kinds = Object.keys(consentKinds) as ConsentKind[];
const state = z.enum(['none', 'given', 'outdated']).describe('没有同意、同意的是现在的版本、同意的是以前的版本');
type State = z.infer<typeof state>;

/** What taking a consent back leads to, in words for the citizen; `withdraw` does it. */
const effects: Record<ConsentKind, string> = {
  identity: '解除本人和家人的全部登记，退出候补，不能再预约；已有的预约仍有效，可以自行取消。',
  family: '解除家人的登记，不能再为家人预约；已有的预约仍有效，可以自行取消。',
  guardian: '解除未满 14 周岁孩子的登记，不能再为孩子预约；已有的预约仍有效，可以自行取消。',
  health: '退出医院的候补；已有的预约仍有效，可以自行取消。',
};

/** 授权: each text by itself, with its version; agreed to, looked at and taken back. */
export const consentRoutes = [
  route({
    method: 'get',
    path: '/consents',
    summary: '市民：各份授权说明，自己同意的是不是现在的版本，撤回会怎样',
    role: 'citizen',
    output: z.object({
      items: z.array(
        z.object({
          kind: consentKind,
          title: z.string(),
          version: z.string().describe('现在的版本'),
          state,
          givenAt: z.iso.datetime().nullable(),
          effect: z.string().describe('撤回会怎样'),
          persons: z
            .array(
              z.object({
                id,
                name: z.string().describe('已打码'),
                relation,
                state,
                givenAt: z.iso.datetime().nullable(),
              }),
            )
            .describe('代家人的：逐位家人声明的'),
        }),
      ),
    }),
    handler: async ({ caller }, deps) => {
      const versions = kinds.map((kind) => versionOf(consentText(kind, deps)));
      const given = await consentsOf(deps.db, caller, versions);
      const family = await personsOf(deps.db, caller, deps.encryption);
      const today = todayOf(deps);
      return {
        items: kinds.map((kind, nth) => {
          const current = versions[nth]!;
          const own = given.filter((one) => one.kind === kind);
          const persons = (isForPerson(kind) ? family : [])
            .filter((person) => restsOn(person, kind, today))
            .map(({ id, name, relation }) => {
              // One that is for nobody in particular was given before there were those for each, and for all.
              const theirs = own.filter(({ person_id }) => person_id === id || person_id === null);
              return { id, name: maskName(name), relation, ...stateOf(theirs, current) };
            });
          const { state, givenAt } = stateOf(own, current);
          return {
            kind,
            title: consentKinds[kind],
            version: current,
            state: state === 'given' && persons.some((one) => one.state !== 'given') ? 'outdated' : state,
            givenAt,
            effect: effects[kind],
            persons,
          };
        }),
      };
    },
  }),
  route({
    method: 'get',
    path: '/consents/:kind',
    summary: '市民：一份授权说明和它的版本，传回版本表示同意',
    role: 'public',
    params: z.object({ kind: consentKind }),
    output: z.object({ title: z.string(), version: z.string(), text: z.string() }),
    handler: ({ params: { kind } }, deps) => {
      const text = consentText(kind, deps);
      return { title: consentKinds[kind], version: versionOf(text), text };
    },
  }),
  route({
    method: 'post',
    path: '/consents/:kind',
    summary: '市民：单独同意一份授权说明的这个版本；代家人的，逐位记在登记的每位家人名下',
    role: 'citizen',
    params: z.object({ kind: consentKind }),
    body: z.object({ version }),
    output: done,
    handler: async ({ caller, params: { kind }, body }, deps) => {
      const consent = { kind, text: consentText(kind, deps), agreedTo: body.version, at: deps.clock.now() };
      await deps.db.transaction(async (tx) => {
        for (const personId of await forWhom(tx, caller, kind, deps))
          await giveConsent(tx, caller, { ...consent, personId });
      });
      return { done: true as const };
    },
  }),
  route({
    method: 'delete',
    path: '/consents/:kind',
    summary: '市民：撤回一份同意；以它为根据的登记随之解除',
    role: 'citizen',
    params: z.object({ kind: consentKind }),
    output: done,
    handler: async ({ caller, params: { kind } }, deps) => {
      await tellingOfPhoneChange(caller, deps, (tx) => withdraw(tx, caller, kind, deps));
      return { done: true as const };
    },
  }),
];

type Given = Awaited<ReturnType<typeof consentsOf>>[number];

function stateOf(own: Given[], current: string): { state: State; givenAt: string | null } {
  const latest = own.find((one) => one.version === current) ?? own[0];
  if (!latest) return { state: 'none', givenAt: null };
  return { state: latest.version === current ? 'given' : 'outdated', givenAt: latest.given_at.toISOString() };
}

/** Undefined: for the citizen themselves. @throws UserError 409 where there is nobody whom it would be about */
async function forWhom(tx: Tx, caller: Citizen, kind: ConsentKind, deps: H5Deps): Promise<(string | undefined)[]> {
  if (!isForPerson(kind)) return [undefined];
  const today = todayOf(deps);
  const persons = (await personsOf(tx, caller, deps.encryption)).filter((person) => restsOn(person, kind, today));
  if (persons.length === 0) throw new UserError(409, 'no-persons', '现在没有登记这样的家人，登记时会请您逐位确认');
  return persons.map(({ id }) => id);
}

async function withdraw(tx: Tx, caller: Citizen, kind: ConsentKind, deps: H5Deps): Promise<void> {
  const at = deps.clock.now();
  if ((await withdrawConsents(tx, caller, at, { kind })) === 0) throw notFound('这份同意，也许已经撤回');
  const today = todayOf(deps);
  for (const person of await personsOf(tx, caller, deps.encryption))
    if (restsOn(person, kind, today)) await unbindPerson(tx, caller, person.id, at);
  for (const { withdrawn } of deps.serviceDeps.contributed.personal)
    await withdrawn?.(tx, caller, kind, deps.serviceDeps);
}

const todayOf = ({ clock }: H5Deps): string => shanghai(clock.now()).slice(0, 10);

/** Of a child whose document does not say how old it is, it is taken to be young. */
const restsOn = (person: Person, kind: ConsentKind, today: string): boolean =>
  consentsNeeded(person, today).includes(kind) ||
  (kind === 'guardian' && person.relation === 'child' && person.born === undefined);
