import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import type { ServiceDeps } from '../../../dialogue/service';
import { RemoteFault } from './fault';
import { remoteSettings } from './settings';

const failuresInARow = 5;

type Deps = Pick<ServiceDeps, 'db' | 'log' | 'settings'>;

/** One for each source in this process: where nobody answers, citizens are told at once instead of waiting each time. */
const circuits = new WeakMap<Deps['db'], Map<number, CircuitBreakerPolicy>>();

/** @throws RemoteFault `paused` while the source rests */
export async function throughCircuit<T>(source: { id: number; key: string }, deps: Deps, act: () => Promise<T>) {
  const ofAll = circuits.get(deps.db) ?? new Map<number, CircuitBreakerPolicy>();
  circuits.set(deps.db, ofAll);
  const circuit = ofAll.get(source.id) ?? newCircuit(source.key, deps);
  ofAll.set(source.id, circuit);
  try {
    return await circuit.execute(act);
  } catch (error) {
    throw error instanceof BrokenCircuitError ? new RemoteFault('paused') : error;
  }
}

function newCircuit(source: string, { log, settings }: Deps): CircuitBreakerPolicy {
  const circuit = circuitBreaker(
    handleWhen((error) => error instanceof RemoteFault && error.passing),
    {
      halfOpenAfter: remoteSettings(settings).pauseSeconds * 1000,
      breaker: new ConsecutiveBreaker(failuresInARow),
    },
  );
  circuit.onBreak(() => log.warn({ source }, 'a back end of cases does not answer: it is left alone for a while'));
  circuit.onReset(() => log.info({ source }, 'a back end of cases answers again'));
  return circuit;
}
