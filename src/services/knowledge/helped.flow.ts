import { flow } from '../../dialogue/flow';
import { words } from '../../dialogue/questions';
import { judge } from './verdict';

/** 「解决了」. The entry comes with the button, so that nothing is asked. */
export const helpedFlow = flow('knowledge.helped', '常见问答')
  .ask('entry', '请回复问答的编号：', words({ max: 18 }))
  .done(async (a, { tx, deps, account, openid, at }) => {
    const id = /^\d{1,18}$/.test(a.entry) ? a.entry : '0';
    await judge(tx, id, { accountId: account.id, openid, helped: true, at });
    return deps.texts.say('knowledge.helped', {}, account.id);
  });
