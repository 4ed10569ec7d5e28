import type { Turn } from '../../dialogue/contributions';
import { shanghai } from '../../platform/clock';
import type { Served } from './offices';

/** 「3 人在等，约 24 分钟」; where it is not known how long it takes, that is said. */
export function waitWords(one: Served & { waiting: number; minutesToWait: number | null }): string {
  if (one.waiting === 0) return servedWords(one);
  return `${one.waiting} 人在等，${minutesWords(one.minutesToWait)}`;
}

export function officeWords(one: Served & { waiting: number }): string {
  return one.waiting > 0 ? `${one.waiting} 人在等` : servedWords(one);
}

export function turnWords({ state, number, ahead, minutesToWait }: Turn): string {
  switch (state) {
    case 'called':
      return `${number} 号，已经叫到您`;
    case 'passed':
      return `${number} 号，已过号，请到窗口重新排队`;
    case 'waiting':
      return `${number} 号，${ahead === 0 ? '下一个就是您' : `前面 ${ahead} 人，${minutesWords(minutesToWait)}`}`;
    case 'booked':
      return '已预约，到了先签到再排队';
    case 'rush':
      return ahead === null ? '正在排队抢号' : `正在排队抢号，前面 ${ahead} 人`;
  }
}

function servedWords({ state, from }: Served): string {
  switch (state) {
    case 'open':
      return '没有人在等';
    case 'later':
      return `${shanghai(from!).slice(11)} 开始`;
    case 'over':
      return '今天已结束';
    case 'none':
      return '今天不办';
  }
}

const minutesWords = (minutes: number | null) => (minutes === null ? '要等多久还估不出' : `约 ${minutes} 分钟`);
