import { axis, bars, dashes, draw } from '../../chart';
import type { DayFigures } from './figures-types';

/** Bars for how many, a line for how long. */
export const drawDays = (days: DayFigures[]) => (element: HTMLElement) =>
  draw(element, {
    xAxis: { type: 'category', data: days.map(({ day }) => day.slice(5)), ...axis(), splitLine: { show: false } },
    yAxis: [
      { type: 'value', name: '个', minInterval: 1, ...axis() },
      { type: 'value', name: '工作分钟', ...axis(), splitLine: { show: false } },
    ],
    series: [
      bars(
        '提问',
        days.map(({ volume }) => volume),
        'primary',
      ),
      bars(
        '办结',
        days.map(({ resolved }) => resolved),
        'info',
      ),
      dashes(
        '首次答复中位数',
        days.map(({ firstReplyMedian }) => firstReplyMedian),
      ),
    ],
  });
