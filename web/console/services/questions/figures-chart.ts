import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { DayFigures } from './figures-types';

// Only what is used; this file is loaded by the page of figures alone.
use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** Bars for how many, a dashed line with marks for how long: told apart by shape, not by colour alone. */
export function drawDays(element: HTMLElement, days: DayFigures[]): () => void {
  const chart = init(element);
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { axisLine: { lineStyle: { color: colour('--line') } }, axisLabel: { color: colour('--ink-soft') } };
  const splitLine = { lineStyle: { color: colour('--line') } };
  const name = { nameTextStyle: { color: colour('--ink-soft') } };
  chart.setOption({
    aria: { enabled: true, decal: { show: true } },
    animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    textStyle: { fontFamily: colour('--el-font-family') },
    grid: { left: 44, right: 52, top: 64, bottom: 28 },
    legend: { top: 0, textStyle: { color: colour('--ink') } },
    tooltip: {
      trigger: 'axis',
      backgroundColor: colour('--card'),
      borderColor: colour('--line'),
      textStyle: { color: colour('--ink') },
    },
    xAxis: { type: 'category', data: days.map(({ day }) => day.slice(5)), ...axis },
    yAxis: [
      { type: 'value', name: '个', minInterval: 1, ...axis, splitLine, ...name },
      { type: 'value', name: '工作分钟', ...axis, splitLine: { show: false }, ...name },
    ],
    series: [
      {
        name: '提问',
        type: 'bar',
        data: days.map(({ volume }) => volume),
        itemStyle: { color: colour('--el-color-primary') },
      },
      {
        name: '办结',
        type: 'bar',
        data: days.map(({ resolved }) => resolved),
        itemStyle: { color: colour('--el-color-info') },
      },
      {
        name: '首次答复中位数',
        type: 'line',
        yAxisIndex: 1,
        connectNulls: true,
        symbol: 'diamond',
        symbolSize: 9,
        lineStyle: { type: 'dashed' },
        data: days.map(({ firstReplyMedian }) => firstReplyMedian),
        itemStyle: { color: colour('--el-color-warning') },
      },
    ],
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return () => {
    observer.disconnect();
    chart.dispose();
  };
}
