import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceDeps } from '../../../dialogue/service';
import type { IdentityDocument } from '../../../people/identity/documents';
import { elapsed } from '../../../platform/clock';
import type { Case } from '../case';
import { readAnswer } from './answer';
import { throughCircuit } from './circuits';
import type { Description } from './description';
import { type Answer, exchange } from './exchange';
import { RemoteFault } from './fault';
import { documentFits, factorFits, mapCase, type Owner, ownerOf } from './map';
import { listAt } from './paths';
import { type Outgoing, outgoing, type Values } from './request';
import { isLocalHost } from './settings';

export type Question = { number: string; factor: string } | { document: IdentityDocument };

/** A back end with what it takes to ask it. */
export type Remote = { id: number; key: string; description: Description; secret: string };

export type RemoteDeps = Pick<ServiceDeps, 'db' | 'clock' | 'encryption' | 'settings' | 'log' | 'metrics'>;

/** Before it is asked a second time. */
const restMillis = 150;

/** What a back end has on a question: none of it anybody else's, whoever verifies. @throws RemoteFault */
export async function askRemote(
  remote: Remote,
  question: Question,
  signal: AbortSignal,
  deps: RemoteDeps,
): Promise<Case[]> {
  const { description, key } = remote;
  const request = requestFor(remote, question, deps);
  if (!request) return [];
  const started = elapsed();
  const count = (outcome: string) => deps.metrics.caseSourceCalls.inc({ source: key, outcome });
  try {
    const answer = await throughCircuit(remote, deps, () => twice(request, signal, deps));
    const raws = rawsOf(readAnswer(answer, description), question, description);
    const cases = raws.filter((raw) => fits(question, ownerOf(raw, description), description));
    const mapped = cases.map((raw) => mapCase(raw, remote.id, description, deps));
    const found = mapped.flatMap((each) => ('one' in each ? [each.one] : []));
    if (mapped.length > 0 && found.length === 0) throw new RemoteFault('mapping');
    count(found.length > 0 ? 'found' : 'none');
    return found;
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error;
    count(error.kind);
    // What the other side says may hold what was asked: only the kind of fault is told.
    deps.log.warn(
      { source: key, fault: error.kind, status: error.status },
      'a back end of cases gave no usable answer',
    );
    throw error;
  } finally {
    deps.metrics.caseSourceSeconds.observe({ source: key }, (elapsed() - started) / 1000);
  }
}

/** Undefined where the back end cannot be asked this. */
export function requestFor(
  { description, secret }: Remote,
  question: Question,
  { clock }: Pick<RemoteDeps, 'clock'>,
): Outgoing | undefined {
  const proof = { secret, at: clock.now() };
  if (!('document' in question)) return outgoing(description, description.byNumber, question, proof);
  const values = valuesOf(question.document, description);
  return description.ofPerson && values ? outgoing(description, description.ofPerson, values, proof) : undefined;
}

/** One exchange, without the second try and the circuit: for trying a description. @throws RemoteFault */
export const askOnce = (request: Outgoing, signal: AbortSignal, { settings }: Pick<RemoteDeps, 'settings'>) =>
  exchange(request, { signal, local: isLocalHost(request.url, settings) });

/** The cases in an answer, as the back end writes them. */
export const rawsOf = (root: unknown, question: Question, { byNumber, ofPerson }: Description): unknown[] =>
  root === undefined ? [] : listAt(root, ('document' in question ? ofPerson! : byNumber).cases);

/** Whether it is what was asked for: a back end may answer with any case, and knows nothing of our citizens. */
export function fits(question: Question, owner: Owner, { verify }: Description): boolean {
  if ('document' in question) return verify === 'office' || documentFits(question.document.number, owner);
  return owner.number === question.number && (verify === 'office' || factorFits(question.factor, owner));
}

/** It only reads, so that once more does no harm. */
async function twice(request: Outgoing, signal: AbortSignal, deps: RemoteDeps): Promise<Answer> {
  const once = async () => {
    const answer = await askOnce(request, signal, deps);
    if (answer.status >= 500 || answer.status === 429)
      throw new RemoteFault('status', `HTTP ${answer.status}`, answer.status);
    return answer;
  };
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof RemoteFault) || !error.passing || error.status === 429 || signal.aborted) throw error;
    await pause(restMillis);
    return once();
  }
}

function valuesOf({ kind, number }: IdentityDocument, { documentKinds }: Description): Values | undefined {
  if (Object.keys(documentKinds).length === 0) return { document: number, documentKind: kind };
  const theirs = documentKinds[kind];
  return theirs === undefined ? undefined : { document: number, documentKind: theirs };
}
