export const base = '/services/nearby/places';

export type Hours = { always: true } | { days: number[]; spans: { from: string; to: string }[] };
export type Place = {
  key: string;
  title: string;
  district: string;
  address: string;
  phone?: string;
  matters?: string;
  organisation?: string;
  organisationTitle: string;
  /** GCJ-02 */
  latitude: number;
  longitude: number;
  hours?: Hours;
  hidden: boolean;
  demo: boolean;
};
export type Setup = { districts: string[]; offices: { key: string | null; title: string }[] };

export const dayNames = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'];

export function hoursWords(hours: Hours | undefined): string {
  if (!hours) return '按全市工作日历';
  if ('always' in hours) return '全天';
  const days = [...hours.days].sort();
  const names = days.map((day) => dayNames[day - 1]);
  const inRow = days.length > 2 && days.at(-1)! - days[0]! === days.length - 1;
  return `${inRow ? `${names[0]}至${names.at(-1)}` : names.join('、')} ${spansText(hours.spans)}`;
}

export const spansText = (spans: { from: string; to: string }[]): string =>
  spans.map(({ from, to }) => `${from}-${to}`).join('、');

/** What is typed as `09:00-12:00、13:00-17:00`; what is none of it stays, for the server to say what was expected. */
export const spansIn = (text: string): { from: string; to: string }[] =>
  text
    .split(/[\s,，、;；]+/)
    .filter(Boolean)
    .map((each) => {
      const [from = '', to = ''] = each.split(/[-–—~～至到]/);
      return { from: padded(from), to: padded(to) };
    });
const padded = (time: string) => time.replace('：', ':').replace(/^(\d):/, '0$1:');

export const mapOf = ({ latitude, longitude }: { latitude: number; longitude: number }, title: string): string =>
  `https://apis.map.qq.com/uri/v1/marker?${new URLSearchParams({
    marker: `coord:${latitude},${longitude};title:${title || '办事点'}`,
    referer: 'weiban',
  })}`;
