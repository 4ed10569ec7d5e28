import { axis, bars, dashes, draw } from '../../chart';
import { type Dated, type Figures, leadSteps } from './figures-types';

/** Places, how many were booked and how many came, by day or week; what part stayed away as a line. */
export const drawUse = (days: Dated[]) => (element: HTMLElement) =>
  draw(element, {
    xAxis: { type: 'category', data: days.map(({ day }) => day.slice(5)), ...axis(), splitLine: { show: false } },
    yAxis: [
      { type: 'value', name: '人次', minInterval: 1, ...axis() },
      { type: 'value', name: '爽约率 %', min: 0, ...axis(), splitLine: { show: false } },
    ],
    series: [
      bars(
        '号源',
        days.map(({ capacity }) => capacity),
        'info',
      ),
      bars(
        '约出',
        days.map(({ booked, walkIns }) => booked + walkIns),
        'primary',
      ),
      bars(
        '来了',
        days.map(({ came, walkIns }) => came + walkIns),
        'success',
      ),
      dashes(
        '爽约率',
        days.map(({ noShowShare }) => noShowShare && Math.round(noShowShare * 1000) / 10),
      ),
    ],
  });

/** How long before the visit people booked. */
export const drawLeads =
  ({ leads }: Figures) =>
  (element: HTMLElement) =>
    draw(element, {
      grid: { left: 76, right: 40, top: 16, bottom: 28 },
      legend: { show: false },
      xAxis: { type: 'value', minInterval: 1, ...axis() },
      yAxis: { type: 'category', data: leadSteps, inverse: true, ...axis(), splitLine: { show: false } },
      series: [{ ...bars('约的人次', leads, 'primary'), label: { show: true, position: 'right', color: 'inherit' } }],
    });
