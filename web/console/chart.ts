import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

// Only what is used; this file is loaded by pages of figures alone, and by them when there is something to draw.
use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const style = getComputedStyle(document.documentElement);
const colour = (name: string) => style.getPropertyValue(name).trim();

/** Of the theme as it is now: a chart is drawn anew when it changes. */
export const axis = () => ({
  axisLine: { lineStyle: { color: colour('--line') } },
  axisLabel: { color: colour('--ink-soft') },
  nameTextStyle: { color: colour('--ink-soft') },
  splitLine: { lineStyle: { color: colour('--line') } },
});

/** How many: told apart by pattern as well as by colour. */
export const bars = (name: string, data: number[], tone: 'primary' | 'info' | 'success') => ({
  name,
  type: 'bar',
  // A single day is not a wall.
  barMaxWidth: 40,
  data,
  itemStyle: { color: colour(`--el-color-${tone}`) },
});

/** How much of it, by the axis on the right: a dashed line with marks, told apart by shape. */
export const dashes = (name: string, data: (number | null)[]) => ({
  name,
  type: 'line',
  yAxisIndex: 1,
  connectNulls: true,
  symbol: 'diamond',
  symbolSize: 9,
  showAllSymbol: data.length <= 31 ? true : 'auto',
  lineStyle: { type: 'dashed' },
  data,
  itemStyle: { color: colour('--el-color-warning') },
});

/** @returns what takes it away again */
export function draw(element: HTMLElement, option: EChartsCoreOption): () => void {
  const chart = init(element);
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
    ...option,
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return () => {
    observer.disconnect();
    chart.dispose();
  };
}
