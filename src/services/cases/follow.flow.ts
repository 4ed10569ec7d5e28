import { flow } from '../../dialogue/flow';
import { words } from '../../dialogue/questions';
import { refusalWords } from '../../dialogue/refusal';
import { follow, unfollow } from './follow';
import { openProof } from './proof';

/** Longer than any token, which nobody types: both are opened from a case that is shown. */
const token = words({ max: 2000, personal: true });

export const followFlow = flow('cases.follow', '订阅办件进度')
  .ask('case', '请先回复「办件进度」，打开要订阅的办件。', token)
  .done(async (a, { tx, deps, account, openid, at }) => {
    const citizen = { accountId: account.id, openid };
    const proven = openProof(a.case, citizen, deps);
    if (!proven) return deps.texts.say('cases.outdated', {}, account.id);
    try {
      await follow(tx, citizen, proven, at, deps.encryption);
      return deps.texts.say('cases.followed', { number: proven.number }, account.id);
    } catch (error) {
      return refusalWords(error);
    }
  });

export const unfollowFlow = flow('cases.unfollow', '取消订阅')
  .ask('case', '请先回复「办件进度」，打开不用再订阅的办件。', token)
  .done(async (a, { tx, deps, account, openid }) => {
    const citizen = { accountId: account.id, openid };
    const proven = openProof(a.case, citizen, deps);
    if (!proven) return deps.texts.say('cases.outdated', {}, account.id);
    await unfollow(tx, citizen, proven);
    return deps.texts.say('cases.unfollowed', { number: proven.number }, account.id);
  });
