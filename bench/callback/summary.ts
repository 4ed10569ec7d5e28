import { median, renderTable } from '../support/table';
import type { Mode } from './account';
import type { Measured } from './measure';
import type { Options } from './options';

export type Result = Measured & { server: string; mode: Mode; connections: number; round: number };

/** One run in a line. */
export function tell(server: string, { perSecond, p50, p99, busy, silent, sent }: Measured): string {
  const cpu = `processors: server ${busy.server.toFixed(2)}, postgres ${busy.postgres.toFixed(2)}, generator ${busy.generator.toFixed(2)}`;
  const quiet = silent > 0 ? `  ${((silent / sent) * 100).toFixed(1)}% said nothing` : '';
  return `${server.padEnd(9)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms  ${cpu}${quiet}`;
}

type Column = [head: string, cell: (mine: Result[], of: (server: string) => Result[]) => string];

const speed = ({ perSecond }: Result) => perSecond;
const slowest = ({ p99 }: Result) => p99;

const columns: Column[] = [
  ['requests/s', (mine) => median(mine.map(speed)).toFixed(0)],
  ['p50 ms', (mine) => median(mine.map(({ p50 }) => p50)).toFixed(1)],
  ['p99 ms', (mine) => median(mine.map(slowest)).toFixed(1)],
  ['x co-wechat', (mine, of) => median(ratios(mine, of('co-wechat'), speed)).toFixed(2)],
  ['by round', (mine, of) => shown(ratios(mine, of('co-wechat'), speed))],
  ['x ceiling', (mine, of) => median(ratios(mine, of('ceiling'), speed)).toFixed(2)],
  ['by round', (mine, of) => shown(ratios(mine, of('ceiling'), speed))],
  ['p99 x co-wechat', (mine, of) => median(ratios(mine, of('co-wechat'), slowest)).toFixed(2)],
  ['peak MB', (mine) => Math.max(...mine.map(({ memory }) => memory.peak)).toFixed(0)],
  ['server µs each', (mine) => median(mine.map(cost('server'))).toFixed(0)],
  ['postgres µs each', (mine) => median(mine.map(cost('postgres'))).toFixed(0)],
];

/** Medians over the rounds. A ratio is taken within a round first: what slows the machine slows both of its sides. */
export function summary(results: Result[], { connections, servers }: Options): string {
  const rows = connections.flatMap((count) => {
    const of = (server: string) => results.filter((result) => result.server === server && result.connections === count);
    return servers.map((server) => [
      `${String(count).padStart(3)}  ${server}`,
      ...columns.map(([, cell]) => cell(of(server), of)),
    ]);
  });
  return renderTable(['connections, server', ...columns.map(([head]) => head)], rows);
}

const ratios = (mine: Result[], other: Result[], pick: (result: Result) => number): number[] =>
  mine.map((result, round) => pick(result) / (other[round] ? pick(other[round]) : Number.NaN));

const shown = (numbers: number[]) => numbers.map((number) => number.toFixed(2)).join(' ');

/** Processor time of one callback: says more than requests per second where others share the machine. */
const cost = (name: 'server' | 'postgres') => (result: Result) => (result.busy[name] / result.perSecond) * 1e6;
