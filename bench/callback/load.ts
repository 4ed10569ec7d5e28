import { createHistogram } from '../support/histogram';
import { type Answer, type KeepAlive, openConnection } from '../support/keep-alive';
import type { Mode } from './account';
import { message, request, type Script } from './messages';

export type Plan = Script & {
  port: number;
  mode: Mode;
  connections: number;
  /** seconds before anything is measured: compilers and pools get warm */
  warmup: number;
  seconds: number;
  /** number of the first message */
  first: number;
  /** How many requests are built beforehand. 0: each when it is needed, which costs processor time during the run. */
  built: number;
  /** start over when they are used up: only against servers that know no repeats */
  again: boolean;
};

export type Loaded = {
  /** within the measured seconds */
  answers: number;
  seconds: number;
  p50: number;
  p99: number;
  longest: number;
  /** messages sent in all, warm-up included: numbers first … first + sent - 1 */
  sent: number;
  /** numbers of those that were not answered with 200 */
  unanswered: number[];
  /** answers of nothing but `success` */
  silent: number;
  /** a few bodies, to look at what was answered */
  samples: string[];
};

/** Builds the requests, so that nothing but sending is left for the run. */
export function prepare(plan: Plan): Buffer[] {
  return Array.from({ length: plan.built }, (_, i) => build(plan, plan.first + i));
}

const build = (plan: Plan, n: number) => request(message(n, plan), plan.mode);

/** Keeps one request under way on every connection until the time is over, and waits for the last answers. */
export function run(plan: Plan, requests: Buffer[], measuring: () => void): Promise<Loaded> {
  const latencies = createHistogram();
  const unanswered: number[] = [];
  const samples: string[] = [];
  let sent = 0;
  let silent = 0;
  let open = plan.connections;
  let over = false;
  let started = 0;
  let ended = 0;

  return new Promise((resolve, reject) => {
    const connections: KeepAlive[] = [];
    const stop = () => {
      over = true;
      ended = performance.now();
    };
    const idle = () => {
      if (--open > 0) return;
      for (const connection of connections) connection.close();
      const figures = { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99), longest: latencies.longest() };
      resolve({
        answers: latencies.count(),
        seconds: (ended - started) / 1000,
        ...figures,
        sent,
        unanswered,
        silent,
        samples,
      });
    };

    const drive = () => {
      let number = 0;
      let at = 0;
      const next = () => {
        if (over) return idle();
        const step = sent++;
        const ready =
          plan.built === 0 ? build(plan, plan.first + step) : requests[plan.again ? step % plan.built : step];
        if (!ready) return reject(new Error(`${plan.built} requests were built beforehand, more were needed`));
        number = plan.first + step;
        at = performance.now();
        connection.send(ready);
      };
      const answered = ({ status, body }: Answer) => {
        if (started && !over) latencies.add(performance.now() - at);
        if (status !== 200) unanswered.push(number);
        if (body.length === 7) silent++;
        else if (samples.length < 20) samples.push(body.toString('utf8'));
        next();
      };
      const connection = openConnection(plan.port, answered, reject);
      connections.push(connection);
      next();
    };

    for (let i = 0; i < plan.connections; i++) drive();
    setTimeout(() => {
      latencies.clear();
      started = performance.now();
      measuring();
      setTimeout(stop, plan.seconds * 1000);
    }, plan.warmup * 1000);
  });
}
