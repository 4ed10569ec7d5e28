import { flow, type Question } from '../../dialogue/flow';
import { refusalWords } from '../../dialogue/refusal';
import { factorForm, normalFactor, normalNumber, numberForm } from './case';
import { findCase, namesOf } from './look-up';
import { awaitRest } from './remote/rest';
import { showCase } from './show';

const caseNumber: Question<unknown, string> = {
  read: (said) => {
    const number = said.kind === 'text' ? normalNumber(said.text) : '';
    return numberForm.test(number)
      ? { value: number }
      : { expected: '请输入回执或通知书上的编号，6 到 32 位，例如 SF20260001' };
  },
};

const factor: Question<unknown, string> = {
  personal: true,
  read: (said) => {
    const given = said.kind === 'text' ? normalFactor(said.text) : '';
    return factorForm.test(given)
      ? { value: given }
      : { expected: '请输入 4 位（申请人证件号的最后 4 位，末位可能是 X），或回执上的查询码' };
  },
};

/** Somebody's case by its number and what only they know. */
export const findFlow = flow('cases.find', '按编号查办件')
  .ask('number', '请输入办件编号（回执、通知书上都有）：', caseNumber)
  .ask('factor', '为了只让本人看到，请再输入申请人证件号的最后 4 位，或回执上的查询码：', factor)
  .tell(async ({ number, factor }, ctx) => {
    const { deps, account, openid } = ctx;
    const citizen = { accountId: account.id, openid };
    try {
      const { found, down } = await findCase({ citizen, number, factor, restFollows: true }, deps);
      const rest = found && !found.asOf ? [] : down;
      const follows = await awaitRest(citizen, { number, factor }, rest, deps);
      if (found) return showCase(found, { factor }, ctx);
      return deps.texts.say('cases.not-found', { number, down: namesOf(down), follows }, account.id);
    } catch (error) {
      return refusalWords(error);
    }
  });
