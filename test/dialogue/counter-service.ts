import { flow } from '../../src/dialogue/flow';
import { choice, mobile, photo, words } from '../../src/dialogue/questions';
import { defineService, type Service } from '../../src/dialogue/service';

/** A service for tests, as a stranger would write one: a flow that writes, one that only tells, and one that takes its time. */
export type Counter = {
  service: Service /** seats left by day */;
  seats: Map<string, number>;
  hold: { gate?: Promise<void> };
  runs: string[];
};

export function makeCounter(): Counter {
  const seats = new Map([
    ['周一', 2],
    ['周二', 1],
  ]);
  const runs: string[] = [];
  const hold: Counter['hold'] = {};

  const book = flow('counter.book', '预约窗口')
    .ask(
      'office',
      '请选择办事大厅：',
      choice(() => ['城东政务大厅', '城西政务大厅']),
    )
    .ask(
      'day',
      '请选择日期：',
      choice(() => [...seats].filter(([, left]) => left > 0).map(([day]) => day)),
    )
    .askWhen((a) => a.office === '城西政务大厅', 'reason', '请写明事由：', words({ min: 2, max: 20 }))
    .ask('phone', '请输入手机号：', mobile)
    .confirm((a) => `${a.office} ${a.day}${a.reason ? ` ${a.reason}` : ''}\n回复 1 确认预约，回复 0 取消。`)
    .done(async (a, ctx) => {
      runs.push(ctx.openid);
      await ctx.tx.query('INSERT INTO counter_bookings (openid, day) VALUES ($1, $2)', [ctx.openid, a.day]);
      await hold.gate;
      const left = seats.get(a.day) ?? 0;
      if (left === 0) {
        await ctx.tx.query('DELETE FROM counter_bookings WHERE openid = $1', [ctx.openid]);
        return { askAgain: 'day', say: '该日期刚被约满，请另选：' };
      }
      seats.set(a.day, left - 1);
      return `预约成功：${a.office} ${a.day}。`;
    });

  const show = flow('counter.show', '拍照')
    .ask('picture', '请拍一张照片：', photo)
    .tell((a) => `收到照片 ${a.picture.mediaId.length > 0 ? '一张' : ''}`);

  const service = defineService({
    key: 'counter',
    kind: 'do',
    title: '窗口',
    opens: [
      { key: 'counter', start: book, keywords: ['预约窗口'], scenes: ['counter-1'] },
      { key: 'counter.show', start: show },
      {
        key: 'counter.slow',
        start: async () => {
          runs.push('slow');
          await hold.gate;
          return { reply: '慢慢来的答复' };
        },
      },
      {
        key: 'counter.broken',
        start: () => {
          throw new Error('the counter is broken');
        },
      },
      {
        key: 'counter.long',
        start: () => ({ reply: Array.from({ length: 120 }, (_, i) => `第 ${i + 1} 条：请带好身份证。`).join('\n') }),
      },
      {
        key: 'counter.choose',
        start: () => ({
          reply: '选一个：',
          offers: [
            { label: '慢的', key: 'counter.slow' },
            { label: '坏的', key: 'counter.broken' },
          ],
        }),
      },
    ],
  });
  return { service, seats, hold, runs };
}

export const counterTable = 'CREATE TABLE counter_bookings (openid text NOT NULL, day text NOT NULL)';
