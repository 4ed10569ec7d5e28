import { flow } from '../../dialogue/flow';
import { choice } from '../../dialogue/questions';
import { refusalWords } from '../../dialogue/refusal';
import type { ServiceContext } from '../../dialogue/service';
import { shanghai } from '../../platform/clock';
import { canCancel, cancel } from './change';
import { what } from './notices';
import { comingOf, ownAppointment } from './own';

export const cancelFlow = flow('appointments.cancel', '取消预约')
  .ask('appointment', '要取消哪一个预约？', choice(coming))
  .confirm(async (a, ctx) => {
    const one = await ownAppointment(ctx.deps.db, citizen(ctx), a.appointment);
    return `${one ? `${what(one)} ${shanghai(one.starts_at)}\n` : ''}回复 1 取消这个预约，回复 0 保留。`;
  })
  .done(async (a, { tx, deps, account, openid, at }) => {
    try {
      const { code } = await cancel(tx, { accountId: account.id, openid, id: a.appointment }, at, deps);
      return deps.texts.say('appointments.cancelled', { code }, account.id);
    } catch (error) {
      return refusalWords(error);
    }
  });

async function coming(_answers: unknown, ctx: ServiceContext) {
  const found = await comingOf(ctx.deps.db, citizen(ctx), ctx.at);
  return found
    .filter((one) => canCancel(one, ctx.at, ctx.deps))
    .map((one) => ({ value: one.id, label: `${what(one)} ${shanghai(one.starts_at)}` }));
}

const citizen = ({ account, openid }: ServiceContext) => ({ accountId: account.id, openid });
