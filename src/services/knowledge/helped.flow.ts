import { flow } from '../../dialogue/flow';
import { words } from '../../dialogue/questions';

/** 「解决了」. The entry comes with the button, so that nothing is asked. */
export const helpedFlow = flow('knowledge.helped', '常见问答')
  .ask('entry', '请回复问答的编号：', words({ max: 18 }))
  .done(async (a, { tx, deps, account, openid, at }) => {
    await tx.query(
      `INSERT INTO knowledge_helped (entry_id, account_id, openid, at)
       SELECT entry_id, $2, $3, $4 FROM knowledge_published WHERE entry_id = $1 ON CONFLICT DO NOTHING`,
      [/^\d{1,18}$/.test(a.entry) ? a.entry : 0, account.id, openid, at],
    );
    return deps.texts.say('knowledge.helped', {}, account.id);
  });
