import { Counter, type CounterConfiguration, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Each process has its own registry, so that tests and several apps in one process do not meet in a global one. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const countCallback = tally(
    {
      name: 'weiban_callbacks_total',
      help: 'Callbacks by type and outcome',
      labelNames: ['type', 'outcome'] as const,
      registers,
    },
    (type: string, outcome: string) => ({ type, outcome }),
  );
  return {
    registry,
    countCallback,
    callbackSeconds: new Histogram({
      name: 'weiban_callback_seconds',
      help: 'From the last byte of a callback read to its reply handed to the socket',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4.5],
      registers,
    }),
    groupSize: new Histogram({
      name: 'weiban_inbox_group_size',
      help: 'Messages that shared one commit',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    deliveries: new Counter({
      name: 'weiban_deliveries_total',
      help: 'Deliveries by channel and status reached',
      labelNames: ['channel', 'status'],
      registers,
    }),
    tokenRefreshes: new Counter({
      name: 'weiban_token_refreshes_total',
      help: 'Access token refreshes by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    wechatCalls: new Counter({
      name: 'weiban_wechat_calls_total',
      help: 'Calls to the platform by API and code',
      labelNames: ['api', 'code'],
      registers,
    }),
    wechatSeconds: new Histogram({
      name: 'weiban_wechat_call_seconds',
      help: 'Calls to the platform',
      labelNames: ['api'],
      registers,
    }),
    caseSourceCalls: new Counter({
      name: 'weiban_case_source_calls_total',
      help: 'Questions to the back ends of offices by source and outcome',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    caseSourceSeconds: new Histogram({
      name: 'weiban_case_source_seconds',
      help: 'Questions to the back ends of offices, with the second try',
      labelNames: ['source'],
      registers,
    }),
    pool: new Gauge({
      name: 'weiban_pool_connections',
      help: 'Connections to Postgres by state',
      labelNames: ['state'],
      registers,
    }),
    queue: new Gauge({ name: 'weiban_jobs', help: 'Jobs by state', labelNames: ['state'], registers }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** A counter whose labels are worked out when it is read, not for each of thousands of counts a second. */
function tally<Label extends string, Key extends string[]>(
  configuration: CounterConfiguration<Label>,
  labels: (...key: Key) => Partial<Record<Label, string>>,
): (...key: Key) => void {
  const counts = new Map<string, { key: Key; count: number }>();
  new Counter({
    ...configuration,
    collect() {
      for (const { key, count } of counts.values()) this.inc(labels(...key), count);
      counts.clear();
    },
  });
  return (...key) => {
    const joined = key.join('\n');
    const counted = counts.get(joined);
    if (counted) counted.count++;
    else counts.set(joined, { key, count: 1 });
  };
}
